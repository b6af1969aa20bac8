//! What follows a selector or a subquery: brackets, `offset`, `@`, `anchored`, `smoothed`, in any order.

use crate::promql::ast::{At, Expr, Extension};
use crate::promql::fault::Fault;
use crate::promql::parser::number;
use crate::promql::parser::state::{Parsed, Parser};
use crate::promql::token::{Keyword, Token, TokenKind};

/// Where a modifier's value goes.
struct Slots<'a> {
    offset: &'a mut i64,
    at: &'a mut Option<At>,
    end: &'a mut usize,
}

fn slots(expr: &mut Expr) -> Option<Slots<'_>> {
    Some(match expr {
        Expr::Selector(selector) => {
            Slots { offset: &mut selector.offset, at: &mut selector.at, end: &mut selector.span.end }
        }
        Expr::Matrix(matrix) => Slots {
            offset: &mut matrix.selector.offset,
            at: &mut matrix.selector.at,
            end: &mut matrix.span.end,
        },
        Expr::Subquery(subquery) => {
            Slots { offset: &mut subquery.offset, at: &mut subquery.at, end: &mut subquery.span.end }
        }
        _ => return None,
    })
}

impl Parser<'_> {
    /// All that follows.
    pub(crate) fn modifiers(&mut self, mut parsed: Parsed) -> Result<Parsed, Fault> {
        loop {
            match self.token().kind {
                TokenKind::LeftBracket => parsed = self.brackets(parsed)?,
                TokenKind::Keyword(Keyword::Offset) => self.offset(&mut parsed.expr)?,
                TokenKind::At => self.time(&mut parsed.expr)?,
                TokenKind::Keyword(Keyword::Anchored) => {
                    self.extension(&mut parsed.expr, Extension::Anchored, "anchored")?;
                }
                TokenKind::Keyword(Keyword::Smoothed) => {
                    self.extension(&mut parsed.expr, Extension::Smoothed, "smoothed")?;
                }
                _ => return Ok(parsed),
            }
        }
    }

    fn offset(&mut self, expr: &mut Expr) -> Result<(), Fault> {
        self.take()?;
        let milliseconds = self.duration("offset")?;
        let span = expr.span();
        let Some(slots) = slots(expr) else {
            let message = "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery";
            return Err(Fault::new(span, message));
        };
        if *slots.offset != 0 {
            return Err(Fault::new(span, "offset may not be set multiple times"));
        }
        *slots.offset = milliseconds;
        *slots.end = self.since(0).end;
        Ok(())
    }

    fn time(&mut self, expr: &mut Expr) -> Result<(), Fault> {
        self.take()?;
        let at = match self.token().kind {
            TokenKind::Keyword(Keyword::Start) => self.preprocessor(At::Start)?,
            TokenKind::Keyword(Keyword::End) => self.preprocessor(At::End)?,
            _ => At::Time(self.timestamp()?),
        };
        let span = expr.span();
        let Some(slots) = slots(expr) else {
            let message = "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery";
            return Err(Fault::new(span, message));
        };
        if slots.at.is_some() {
            return Err(Fault::new(span, "@ <timestamp> may not be set multiple times"));
        }
        *slots.at = Some(at);
        *slots.end = self.since(0).end;
        Ok(())
    }

    fn preprocessor(&mut self, at: At) -> Result<At, Fault> {
        self.take()?;
        if !self.take_if(TokenKind::LeftParen)? || !self.take_if(TokenKind::RightParen)? {
            return Err(self.unexpected("@", "\"()\""));
        }
        Ok(at)
    }

    fn timestamp(&mut self) -> Result<i64, Fault> {
        let start = self.token().span.start;
        let negative = self.at(TokenKind::Minus);
        if negative || self.at(TokenKind::Plus) {
            self.take()?;
        }
        let Token { kind, span } = self.token();
        let seconds = match kind {
            TokenKind::Number => number::number(self.text_of(span), span)?,
            TokenKind::Duration => number::duration(self.text_of(span), span)? as f64 / 1000.0,
            _ => return Err(self.unexpected("@", "timestamp")),
        };
        self.take()?;
        let milliseconds = (if negative { -seconds } else { seconds } * 1000.0).round();
        // Both bounds are powers of two and so exact.
        if milliseconds.is_nan() || milliseconds >= i64::MAX as f64 || milliseconds <= i64::MIN as f64 {
            let seconds = if negative { -seconds } else { seconds };
            let message = format!("timestamp out of bounds for @ modifier: {seconds}");
            return Err(Fault::new(self.since(start), message));
        }
        Ok(milliseconds as i64)
    }

    fn extension(&mut self, expr: &mut Expr, extension: Extension, name: &str) -> Result<(), Fault> {
        let word = self.take()?.span;
        let end = word.end;
        let slot = match expr {
            Expr::Selector(selector) => {
                selector.span.end = end;
                &mut selector.extension
            }
            Expr::Matrix(matrix) => {
                matrix.span.end = end;
                &mut matrix.selector.extension
            }
            Expr::Subquery(_) => {
                return Err(Fault::new(word, format!("{name} modifier is not supported for subqueries")));
            }
            _ => {
                let message =
                    format!("{name} modifier must be preceded by an instant or range vector selector");
                return Err(Fault::new(word, message));
            }
        };
        if slot.is_some_and(|set| set != extension) {
            return Err(Fault::new(word, "anchored and smoothed modifiers cannot be used together"));
        }
        *slot = Some(extension);
        Ok(())
    }
}
