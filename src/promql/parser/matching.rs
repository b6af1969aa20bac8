//! What may follow a binary operator: `bool`, `on`, `ignoring`, `group_left`, `group_right`. And lists of labels.

use crate::promql::ast::{Cardinality, Matching};
use crate::promql::fault::{Fault, Quoted};
use crate::promql::parser::state::Parser;
use crate::promql::parser::string;
use crate::promql::parser::types::Modifiers;
use crate::promql::token::{Keyword, TokenKind};

impl Parser<'_> {
    pub(crate) fn binary_modifiers(&mut self) -> Result<Modifiers, Fault> {
        let bool_modifier = self.take_if(TokenKind::Keyword(Keyword::Bool))?;
        let mut matching = Matching {
            cardinality: Cardinality::OneToOne,
            on: false,
            labels: Vec::new(),
            include: Vec::new(),
        };
        matching.on = match self.token().kind {
            TokenKind::Keyword(Keyword::On) => true,
            TokenKind::Keyword(Keyword::Ignoring) => false,
            _ => return Ok(Modifiers { bool_modifier, matching }),
        };
        self.take()?;
        matching.labels = self.labels()?;
        matching.cardinality = match self.token().kind {
            TokenKind::Keyword(Keyword::GroupLeft) => Cardinality::ManyToOne,
            TokenKind::Keyword(Keyword::GroupRight) => Cardinality::OneToMany,
            _ => return Ok(Modifiers { bool_modifier, matching }),
        };
        self.take()?;
        if self.at(TokenKind::LeftParen) {
            matching.include = self.labels()?;
        }
        Ok(Modifiers { bool_modifier, matching })
    }

    /// `(a, b)`, with a comma at the end if one likes.
    pub(crate) fn labels(&mut self) -> Result<Vec<String>, Fault> {
        if !self.take_if(TokenKind::LeftParen)? {
            return Err(self.unexpected("grouping opts", "\"(\""));
        }
        let mut labels = Vec::new();
        while !self.at(TokenKind::RightParen) {
            labels.push(self.label()?);
            if !self.take_if(TokenKind::Comma)? && !self.at(TokenKind::RightParen) {
                return Err(self.unexpected("grouping opts", "\",\" or \")\""));
            }
        }
        self.take()?;
        Ok(labels)
    }

    fn label(&mut self) -> Result<String, Fault> {
        let token = self.token();
        let text = self.text_of(token.span);
        let label = match token.kind {
            // Of all keywords Prometheus takes only this one for no label's name.
            TokenKind::Keyword(Keyword::Without) => return Err(self.unexpected("grouping opts", "label")),
            TokenKind::Identifier | TokenKind::Keyword(_) => text.to_owned(),
            TokenKind::String => {
                let label = string::unquote(text, token.span.start)?;
                if label.is_empty() {
                    let message = format!("invalid label name {}", Quoted(&label));
                    return Err(Fault::new(token.span, message));
                }
                label
            }
            _ => return Err(self.unexpected("grouping opts", "label")),
        };
        self.take()?;
        Ok(label)
    }
}
