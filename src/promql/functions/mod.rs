//! The functions of the language: what each takes, and what it does to one series.
//!
//! Everything here is arithmetic on values, samples and labels. It knows no store and no tree; who calls it has found
//! the series, cut the window and drops the name. Formulas are those of Prometheus 3; each file names its source.

pub(crate) mod accumulate;
pub(crate) mod counter;
pub(crate) mod date;
pub(crate) mod extended;
pub(crate) mod histogram;
pub(crate) mod labels;
pub(crate) mod math;
pub(crate) mod number;
pub(crate) mod over_time;
pub(crate) mod quantile;
mod signature;
pub(crate) mod trend;
pub(crate) mod window;

pub(crate) use crate::promql::functions::signature::Arity;
pub use crate::promql::functions::signature::Function;
