//! Evaluation: from a tree and a store to values.
//!
//! An expression is evaluated at all moments of a query at once (`grid`), a moment being a range of one. `expression`
//! walks over the tree and hands what it finds to the others: `selector`, `window` and `subquery` bring samples,
//! `aggregate`, `rank`, `binary`, `matching` and `set` work on vectors, and `range_call`, `vector_call` and
//! `histogram_call` bring the functions' arithmetic to them. `context` has the limits and gathers the annotations.
//!
//! A metric's name that an operation drops stays at the series, marked, until the end of the query, so that
//! `label_replace` can still read it; series that then are the same are merged (`merge`), or are an error.

mod aggregate;
mod binary;
mod context;
mod evaluator;
mod expression;
mod grid;
mod group;
mod histogram_call;
mod matching;
mod merge;
mod range_call;
mod rank;
mod selector;
mod set;
mod subquery;
mod vector_call;
mod window;

pub use crate::promql::eval::evaluator::{Evaluator, Output, TimeRange};
