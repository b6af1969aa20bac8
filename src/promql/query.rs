//! A text and what it means.

use std::fmt;

use crate::promql::ast::Expr;
use crate::promql::error::ParseError;
use crate::promql::parser;
use crate::promql::position::position;
use crate::promql::print;

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
    /// the place. Beyond Prometheus, a text of more than 1 MiB, a tree of more than 128 levels, more than 1,000
    /// matchers, and more than 100 regular expressions among them.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let expr = parser::parse(text)?;
        Ok(Self { text: text.to_owned(), expr })
    }

    /// The same text, its tree as [`Expr::exact`] makes it.
    #[must_use]
    pub fn exact(self) -> Self {
        Self { text: self.text, expr: self.expr.exact() }
    }

    /// The query over as many lines as make it readable: what is longer than 100 bytes is split, and indented by two
    /// spaces. The same as Prometheus' `/api/v1/format_query`; comments are lost.
    #[must_use]
    pub fn prettify(&self) -> String {
        print::pretty(&self.expr)
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

/// A tree that was put together by hand; its text is the canonical one.
impl From<Expr> for Query {
    fn from(expr: Expr) -> Self {
        Self { text: expr.to_string(), expr }
    }
}

/// The canonical text, on one line.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}
