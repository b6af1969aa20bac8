//! How an error is made: what is wrong, and where.

use std::fmt;

use crate::promql::ast::Span;
use crate::promql::error::ParseError;
use crate::promql::position::position;

/// What is wrong and where, before the text is known that the place is a line and a column of.
#[derive(Debug)]
pub(crate) struct Fault {
    span: Span,
    message: String,
}

impl Fault {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }

    /// With the line and the column. Counts the text's lines, so it is called once.
    pub(crate) fn within(self, text: &str) -> ParseError {
        let (line, column) = position(text, self.span.start);
        ParseError { span: self.span, line, column, message: self.message }
    }
}

/// A piece of the text in a message: quoted, and its beginning only where it is long.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

/// The most characters of a piece of the text in a message.
const QUOTED: usize = 60;

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(QUOTED) {
            None => write!(f, "{:?}", self.0),
            Some((end, _)) => write!(f, "{:?}...", &self.0[..end]),
        }
    }
}
