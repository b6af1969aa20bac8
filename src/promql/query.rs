//! A text and what it means.

use crate::promql::ast::{Expr, Span};
use crate::promql::error::ParseError;

/// A parsed query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    text: String,
    expr: Expr,
}

impl Query {
    /// Parses a query and checks its types.
    ///
    /// # Errors
    ///
    /// A text that Prometheus would refuse, and one that needs native histograms or experimental functions; with
    /// the place.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let span = Span { start: 0, end: text.len() };
        Err(ParseError { span, line: 1, column: 1, message: "there is no parser yet".into() })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The tree.
    #[must_use]
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The line and the column (in characters), from 1, of a byte in the text.
    #[must_use]
    pub fn position(&self, byte: usize) -> (usize, usize) {
        position(&self.text, byte)
    }
}

/// The line and the column (in characters), from 1, of a byte in a text.
pub(crate) fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}
