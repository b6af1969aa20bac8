//! Expressions: operators by their precedence, and what they stand between.

use crate::promql::ast::{Binary, BinaryOp, Expr, Span, UnaryOp};
use crate::promql::fault::{Fault, Quoted};
use crate::promql::parser::number;
use crate::promql::parser::state::{Parsed, Parser};
use crate::promql::parser::string;
use crate::promql::parser::types;
use crate::promql::token::{Keyword, Token, TokenKind};

/// How strongly an operator binds to its left and to its right.
fn binding(op: BinaryOp) -> (u8, u8) {
    match op {
        BinaryOp::Or => (1, 2),
        BinaryOp::And | BinaryOp::Unless => (3, 4),
        BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Gt | BinaryOp::Lt | BinaryOp::Ge | BinaryOp::Le => (5, 6),
        BinaryOp::Add | BinaryOp::Sub => (7, 8),
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod | BinaryOp::Atan2 => (9, SIGN),
        // To the right: a ^ b ^ c is a ^ (b ^ c).
        BinaryOp::Pow => (12, 11),
    }
}

/// A sign binds as strongly as a multiplication, so that only a power goes before it.
const SIGN: u8 = 10;

impl Parser<'_> {
    /// An expression whose operators bind at least as strongly as `least`.
    pub(crate) fn expression(&mut self, least: u8) -> Result<Parsed, Fault> {
        self.enter()?;
        let mut left = self.operand()?;
        while let Some(op) = self.token().kind.binary_op() {
            let (to_left, to_right) = binding(op);
            if to_left < least {
                break;
            }
            let start = self.take()?.span.start;
            let modifiers = self.binary_modifiers()?;
            let operator = self.since(start);
            let right = self.expression(to_right)?;
            left = self.binary(op, operator, left, right, modifiers)?;
        }
        self.leave();
        Ok(left)
    }

    fn binary(
        &self,
        op: BinaryOp,
        operator: Span,
        left: Parsed,
        right: Parsed,
        modifiers: types::Modifiers,
    ) -> Result<Parsed, Fault> {
        let bool_modifier = modifiers.bool_modifier;
        let (value_type, matching) = types::binary(op, operator, &left, &right, modifiers)?;
        let span = Span { start: left.expr.span().start, end: right.expr.span().end };
        let below = left.height.max(right.height);
        let (lhs, rhs) = (Box::new(left.expr), Box::new(right.expr));
        let expr = Expr::Binary(Binary { op, lhs, rhs, bool_modifier, matching, span });
        self.node(expr, value_type, below)
    }

    /// What stands between operators, its sign before it and its modifiers after it.
    fn operand(&mut self) -> Result<Parsed, Fault> {
        match self.token().kind {
            TokenKind::Plus => self.signed(UnaryOp::Plus),
            TokenKind::Minus => self.signed(UnaryOp::Minus),
            _ => {
                let atom = self.atom()?;
                self.modifiers(atom)
            }
        }
    }

    fn signed(&mut self, op: UnaryOp) -> Result<Parsed, Fault> {
        let start = self.take()?.span.start;
        let inner = self.expression(SIGN)?;
        let sign = if op == UnaryOp::Minus { -1.0 } else { 1.0 };
        let span = Span { start, end: inner.expr.span().end };
        Ok(match inner.expr {
            Expr::Number(value, _) => Parsed::leaf(Expr::Number(sign * value, span)),
            Expr::Duration(value, _) => Parsed::leaf(Expr::Duration(sign * value, span)),
            expr => {
                types::unary(inner.value_type, span)?;
                self.node(Expr::Unary(op, Box::new(expr), span), inner.value_type, inner.height)?
            }
        })
    }

    fn atom(&mut self) -> Result<Parsed, Fault> {
        let token = self.token();
        match token.kind {
            TokenKind::Number | TokenKind::Duration | TokenKind::String => self.literal(),
            TokenKind::LeftParen => self.parenthesised(),
            TokenKind::LeftBrace => self.selector(None),
            TokenKind::Identifier => {
                self.take()?;
                if self.at(TokenKind::LeftParen) {
                    self.call(token.span)
                } else {
                    self.selector(Some(token.span))
                }
            }
            TokenKind::MetricIdentifier => {
                self.take()?;
                self.selector(Some(token.span))
            }
            TokenKind::Keyword(keyword) if keyword.is_metric_name() => self.keyword(keyword),
            _ => Err(self.unexpected("", "")),
        }
    }

    fn literal(&mut self) -> Result<Parsed, Fault> {
        let Token { kind, span } = self.take()?;
        let text = self.text_of(span);
        let expr = match kind {
            TokenKind::Number => Expr::Number(number::number(text, span)?, span),
            TokenKind::Duration => Expr::Duration(number::duration(text, span)? as f64 / 1000.0, span),
            _ => Expr::String(string::unquote(text, span.start)?, span),
        };
        Ok(Parsed::leaf(expr))
    }

    /// A keyword where an expression begins: an aggregation, or a metric that has its name.
    fn keyword(&mut self, keyword: Keyword) -> Result<Parsed, Fault> {
        let span = self.take()?.span;
        let aggregates = matches!(
            self.token().kind,
            TokenKind::LeftParen | TokenKind::Keyword(Keyword::By | Keyword::Without)
        );
        match keyword {
            Keyword::Aggregate(op) if aggregates => self.aggregation(op, span.start),
            Keyword::ExperimentalAggregate if aggregates => {
                let name = Quoted(self.text_of(span));
                let message =
                    format!("the aggregation {name} is not supported: it is experimental in Prometheus");
                Err(Fault::new(span, message))
            }
            // Only after @ are they more than experimental functions.
            Keyword::Start | Keyword::End if self.at(TokenKind::LeftParen) => self.call(span),
            _ => self.selector(Some(span)),
        }
    }

    fn parenthesised(&mut self) -> Result<Parsed, Fault> {
        let start = self.take()?.span.start;
        let inner = self.expression(0)?;
        if !self.take_if(TokenKind::RightParen)? {
            return Err(self.unexpected("", ""));
        }
        let expr = Expr::Paren(Box::new(inner.expr), self.since(start));
        self.node(expr, inner.value_type, inner.height)
    }
}
