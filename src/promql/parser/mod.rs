//! From tokens to a tree with checked types: a Pratt parser.
//!
//! [`Parser`] holds the place in the text; each file here adds what it knows of the grammar to it. Types are checked
//! where a node is made, so that a refusal names the innermost place that is wrong. A tree has a greatest depth, and
//! so have the stack here and in everything that walks a tree later.

mod aggregation;
mod bracket;
mod call;
mod entry;
mod expression;
mod matching;
mod modifier;
mod number;
mod selector;
mod state;
mod string;
mod types;

pub(crate) use crate::promql::parser::entry::parse;
