//! The functions of the language: what each takes, and what it does to one series.
//!
//! Everything here is arithmetic on values, samples and labels. It knows no store and no tree; who calls it has found
//! the series, cut the window and drops the name.

mod signature;

pub(crate) use crate::promql::functions::signature::Arity;
pub use crate::promql::functions::signature::Function;
