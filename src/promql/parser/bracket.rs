//! What stands in brackets: a range, or the range and the step of a subquery.

use crate::promql::ast::{Expr, MatrixSelector, Span, Subquery};
use crate::promql::fault::{Fault, Quoted};
use crate::promql::parser::number;
use crate::promql::parser::state::{Parsed, Parser};
use crate::promql::parser::types;
use crate::promql::token::TokenKind;
use crate::promql::value::ValueType;

/// What Prometheus computes with durations.
const ARITHMETIC: &str =
    "duration expressions are not supported: they are experimental in Prometheus; write one duration";

impl Parser<'_> {
    /// `[5m]` or `[1h:1m]` after an expression.
    pub(crate) fn brackets(&mut self, before: Parsed) -> Result<Parsed, Fault> {
        let open = self.take()?.span.start;
        let range = self.positive_duration("subquery or range selector")?;
        if self.take_if(TokenKind::Colon)? {
            return self.subquery(before, range);
        }
        if !self.take_if(TokenKind::RightBracket)? {
            return Err(self.after_duration("subquery or range", "\":\" or \"]\""));
        }
        let brackets = self.since(open);
        let Expr::Selector(mut selector) = before.expr else {
            return Err(Fault::new(brackets, "ranges only allowed for vector selectors"));
        };
        if selector.offset != 0 {
            return Err(Fault::new(brackets, "no offset modifiers allowed before range"));
        }
        if selector.at.is_some() {
            return Err(Fault::new(brackets, "no @ modifiers allowed before range"));
        }
        let span = self.since(selector.span.start);
        selector.span.end = selector.span.end.min(open);
        Ok(Parsed::leaf(Expr::Matrix(MatrixSelector { selector, range, span })))
    }

    fn subquery(&mut self, before: Parsed, range: i64) -> Result<Parsed, Fault> {
        let step = if self.at(TokenKind::RightBracket) {
            None
        } else {
            Some(self.positive_duration("subquery selector")?)
        };
        if !self.take_if(TokenKind::RightBracket)? {
            return Err(self.after_duration("subquery selector", "\"]\""));
        }
        let span = self.since(before.expr.span().start);
        types::subquery(before.value_type, span)?;
        let expr = Box::new(before.expr);
        let subquery = Expr::Subquery(Subquery { expr, range, step, offset: 0, at: None, span });
        self.node(subquery, ValueType::Matrix, before.height)
    }

    fn positive_duration(&mut self, context: &str) -> Result<i64, Fault> {
        let start = self.token().span.start;
        let milliseconds = self.duration(context)?;
        if milliseconds <= 0 {
            return Err(Fault::new(self.since(start), "duration must be greater than 0"));
        }
        Ok(milliseconds)
    }

    /// A duration, or a number of seconds, with any sign, in milliseconds.
    pub(crate) fn duration(&mut self, context: &str) -> Result<i64, Fault> {
        let start = self.token().span.start;
        let negative = self.at(TokenKind::Minus);
        if negative || self.at(TokenKind::Plus) {
            self.take()?;
        }
        let Span { start: digits, end } = self.token().span;
        let text = self.text_of(Span { start: digits, end });
        let milliseconds = match self.token().kind {
            TokenKind::Duration => number::duration(text, self.token().span)?,
            TokenKind::Number => number::seconds(text, self.token().span)?,
            _ => return Err(self.no_duration(context)),
        };
        self.take()?;
        if negative {
            milliseconds.checked_neg().ok_or_else(|| Fault::new(self.since(start), "duration out of range"))
        } else {
            Ok(milliseconds)
        }
    }

    fn no_duration(&self, context: &str) -> Fault {
        let token = self.token();
        let text = self.text_of(token.span);
        match token.kind {
            TokenKind::LeftParen | TokenKind::Plus | TokenKind::Minus => Fault::new(token.span, ARITHMETIC),
            _ if matches!(text.to_ascii_lowercase().as_str(), "step" | "range" | "min" | "max") => {
                Fault::new(token.span, format!("{} is not supported: {ARITHMETIC}", Quoted(text)))
            }
            _ => self.unexpected(context, "duration"),
        }
    }

    fn after_duration(&self, context: &str, expected: &str) -> Fault {
        match self.token().kind {
            TokenKind::Plus
            | TokenKind::Minus
            | TokenKind::Star
            | TokenKind::Slash
            | TokenKind::Percent
            | TokenKind::Caret => Fault::new(self.token().span, ARITHMETIC),
            _ => self.unexpected(context, expected),
        }
    }
}
