//! From a tree to its text: on one line, or over as many as make it readable.

mod line;
mod pretty;
mod quote;

pub(crate) use crate::promql::print::pretty::pretty;
