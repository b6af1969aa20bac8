//! Selectors: a metric's name, and matchers in braces.

use crate::promql::ast::{Expr, Span, VectorSelector};
use crate::promql::fault::{Fault, Quoted};
use crate::promql::parser::state::{Parsed, Parser};
use crate::promql::parser::string;
use crate::promql::token::TokenKind;
use crate::series::{MatchOp, Matcher};

/// The label that holds a metric's name.
const NAME: &str = "__name__";

impl Parser<'_> {
    /// What follows the name; or, without one, the braces.
    pub(crate) fn selector(&mut self, name: Option<Span>) -> Result<Parsed, Fault> {
        let start = name.unwrap_or(self.token().span).start;
        let name = name.map(|span| self.text_of(span).to_owned());
        let mut matchers: Vec<Matcher> = name.iter().map(|name| Matcher::equal(NAME, name)).collect();
        if self.take_if(TokenKind::LeftBrace)? {
            self.matchers(&mut matchers)?;
        }
        let span = self.since(start);
        // The first one is that of the name before the braces.
        let again = matchers.iter().skip(1).find(|matcher| matcher.name() == NAME);
        if let (Some(name), Some(again)) = (&name, again) {
            let (name, again) = (Quoted(name), Quoted(again.value()));
            return Err(Fault::new(span, format!("metric name must not be set twice: {name} or {again}")));
        }
        if matchers.iter().all(|matcher| matcher.matches("")) {
            return Err(Fault::new(span, "vector selector must contain at least one non-empty matcher"));
        }
        let selector = VectorSelector { name, matchers, offset: 0, at: None, extension: None, span };
        Ok(Parsed::leaf(Expr::Selector(selector)))
    }

    fn matchers(&mut self, matchers: &mut Vec<Matcher>) -> Result<(), Fault> {
        while !self.at(TokenKind::RightBrace) {
            matchers.push(self.matcher()?);
            if !self.take_if(TokenKind::Comma)? && !self.at(TokenKind::RightBrace) {
                return Err(self.unexpected("label matching", "\",\" or \"}\""));
            }
        }
        self.take()?;
        Ok(())
    }

    fn matcher(&mut self) -> Result<Matcher, Fault> {
        let token = self.token();
        let text = self.text_of(token.span);
        let quoted = self.at(TokenKind::String);
        let label = match token.kind {
            TokenKind::Identifier => text.to_owned(),
            TokenKind::String => string::unquote(text, token.span.start)?,
            _ => return Err(self.unexpected("label matching", "identifier or \"}\"")),
        };
        self.take()?;
        let op = match self.token().kind {
            TokenKind::Equal => MatchOp::Equal,
            TokenKind::NotEqual => MatchOp::NotEqual,
            TokenKind::EqualTilde => MatchOp::Regex,
            TokenKind::NotTilde => MatchOp::NotRegex,
            // A string alone is the metric's name.
            _ if quoted => {
                self.count_matcher(MatchOp::Equal, token.span)?;
                return Ok(Matcher::equal(NAME, label));
            }
            _ => return Err(self.unexpected("label matching", "label matching operator")),
        };
        self.take()?;
        if !self.at(TokenKind::String) {
            return Err(self.unexpected("label matching", "string"));
        }
        let value = self.take()?.span;
        let pattern = string::unquote(self.text_of(value), value.start)?;
        self.count_matcher(op, value)?;
        Matcher::new(label, op, pattern).map_err(|fault| Fault::new(value, fault.to_string()))
    }
}
