//! The door: a text in, a tree or an error out.

use crate::promql::ast::{Expr, Span};
use crate::promql::error::ParseError;
use crate::promql::fault::Fault;
use crate::promql::parser::state::Parser;
use crate::promql::token::TokenKind;

/// The longest text, in bytes.
const LONGEST: usize = 1 << 20;

/// Parses a whole text. Linear in its length.
pub(crate) fn parse(text: &str) -> Result<Expr, ParseError> {
    whole(text).map_err(|fault| fault.within(text))
}

fn whole(text: &str) -> Result<Expr, Fault> {
    if text.len() > LONGEST {
        let span = Span { start: 0, end: text.len() };
        return Err(Fault::new(span, format!("the query has {} bytes; the limit is {LONGEST}", text.len())));
    }
    let mut parser = Parser::new(text)?;
    if parser.at(TokenKind::End) {
        return Err(Fault::new(parser.token().span, "no expression found in input"));
    }
    let parsed = parser.expression(0)?;
    if !parser.at(TokenKind::End) {
        return Err(parser.unexpected("", ""));
    }
    Ok(parsed.expr)
}
