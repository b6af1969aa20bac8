//! Calls of functions, and what to say of a function that is not there.

use crate::promql::ast::{Call, Expr, Span};
use crate::promql::fault::{Fault, Quoted};
use crate::promql::functions::Function;
use crate::promql::parser::state::{Parsed, Parser};
use crate::promql::parser::types;
use crate::promql::token::TokenKind;

impl Parser<'_> {
    /// What follows the function's name.
    pub(crate) fn call(&mut self, name: Span) -> Result<Parsed, Fault> {
        let Some(function) = Function::by_name(self.text_of(name)) else {
            return Err(Fault::new(name, missing(self.text_of(name))));
        };
        let arguments = self.arguments()?;
        let span = self.since(name.start);
        types::call(function, &arguments, span)?;
        let below = arguments.iter().map(|argument| argument.height).max().unwrap_or(0);
        let args = arguments.into_iter().map(|argument| argument.expr).collect();
        self.node(Expr::Call(Call { function, args, span }), function.returns(), below)
    }

    /// `(a, b)`
    pub(crate) fn arguments(&mut self) -> Result<Vec<Parsed>, Fault> {
        self.take()?;
        let mut arguments = Vec::new();
        if self.take_if(TokenKind::RightParen)? {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(0)?);
            if self.take_if(TokenKind::RightParen)? {
                return Ok(arguments);
            }
            if !self.at(TokenKind::Comma) {
                return Err(self.unexpected("function call args", "\",\" or \")\""));
            }
            let comma = self.take()?.span;
            if self.at(TokenKind::RightParen) {
                return Err(Fault::new(comma, "trailing commas not allowed in function call args"));
            }
        }
    }
}

/// Why there is no such function, or which one may have been meant.
fn missing(name: &str) -> String {
    if let Some(reason) = Function::unsupported(name) {
        return format!("the function {name:?} is not supported: {reason}");
    }
    if matches!(name, "fill" | "fill_left" | "fill_right") {
        return format!("the modifier {name:?} is not supported: it is experimental in Prometheus");
    }
    let unknown = format!("unknown function with name {}", Quoted(name));
    match nearest(name) {
        Some(known) => format!("{unknown}; did you mean {known:?}?"),
        None => unknown,
    }
}

/// The function whose name is the fewest letters away, if that is near enough to be a slip.
fn nearest(name: &str) -> Option<&'static str> {
    const LONGEST: usize = 40;
    if name.len() > LONGEST {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let by_distance = Function::names().map(|known| (distance(&name, known), known));
    by_distance.min().filter(|(distance, _)| *distance <= name.len() / 3).map(|(_, known)| known)
}

/// How many letters must be added, removed or replaced to make one word the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in to.bytes().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}
