//! From the text of a template to its tree. What can be wrong without data is found here, with its place.

mod lexer;
mod parser;
mod pipeline;
mod token;
mod tree;

pub(crate) use crate::alert::template::text::parser::parse;
pub(crate) use crate::alert::template::text::tree::{
    Command, Node, Pipeline, Source, Target, Term, TermKind, Tree, Unit,
};
