//! Evaluation: from a tree and a store to values.

mod evaluator;

pub use crate::promql::eval::evaluator::{Evaluator, Output, TimeRange};
