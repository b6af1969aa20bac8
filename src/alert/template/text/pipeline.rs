//! What is inside of an action: variables, commands, operands.

use std::sync::Arc;

use crate::alert::template::TemplateError;
use crate::alert::template::text::parser::{Parser, VARIABLES, is_keyword};
use crate::alert::template::text::token::TokenKind;
use crate::alert::template::text::{Command, Pipeline, Target, Term, TermKind};
use crate::alert::template::value::Value;

impl Parser<'_> {
    /// Commands with `|` between them; before them up to `most` variables that their value goes to.
    pub(crate) fn pipeline(&mut self, most: usize, what: &str) -> Result<Pipeline, TemplateError> {
        let offset = self.peek().offset;
        let (target, declared) = self.target(most)?;
        let mut commands = Vec::new();
        loop {
            match self.peek().kind {
                TokenKind::Close | TokenKind::RightParen => break,
                TokenKind::Pipe if !commands.is_empty() => {
                    self.next();
                    commands.push(self.command(true)?);
                }
                _ if commands.is_empty() => commands.push(self.command(false)?),
                _ => {
                    let token = self.next();
                    let found = token.kind.describe();
                    return Err(self
                        .error(token.offset, format!("{found} cannot be here; is a space or a | missing?")));
                }
            }
        }
        if commands.is_empty() {
            return Err(self.error(offset, format!("{what} has no value")));
        }
        // A variable is there from behind its value on.
        self.variables.extend(declared);
        if self.variables.len() > VARIABLES {
            return Err(self.error(offset, format!("there are more than {VARIABLES} variables here")));
        }
        Ok(Pipeline { offset, target, commands })
    }

    fn target(&mut self, most: usize) -> Result<(Target, Vec<String>), TemplateError> {
        let TokenKind::Variable(first) = self.peek().kind else { return Ok((Target::Value, Vec::new())) };
        let is_target = match self.peek_after().kind {
            TokenKind::Declare | TokenKind::Assign => true,
            TokenKind::Comma => most > 1,
            _ => false,
        };
        if !is_target {
            return Ok((Target::Value, Vec::new()));
        }
        if most == 0 {
            let offset = self.peek().offset;
            return Err(
                self.error(offset, "a variable is set in parentheses; set it in an action of its own")
            );
        }
        let mut names = vec![(first.to_owned(), self.next().offset)];
        if matches!(self.peek().kind, TokenKind::Comma) {
            self.next();
            let token = self.next();
            match token.kind {
                TokenKind::Variable(second) => names.push((second.to_owned(), token.offset)),
                other => {
                    let found = other.describe();
                    return Err(
                        self.error(token.offset, format!("{found} where range wants a second variable"))
                    );
                }
            }
        }
        let token = self.next();
        match token.kind {
            TokenKind::Declare => {
                let names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
                Ok((Target::Declare(names.len()), names))
            }
            TokenKind::Assign => {
                let slots =
                    names.iter().map(|(name, offset)| self.slot(name, *offset)).collect::<Result<_, _>>()?;
                Ok((Target::Assign(slots), Vec::new()))
            }
            other => Err(self.error(token.offset, format!("{} where := should be", other.describe()))),
        }
    }

    /// The place of a variable in the frame.
    fn slot(&self, name: &str, offset: usize) -> Result<usize, TemplateError> {
        self.variables.iter().rposition(|known| known == name).ok_or_else(|| {
            let known = self.variables.iter().filter(|known| !known.is_empty());
            let known: Vec<String> = known.map(|known| format!("${known}")).collect();
            let mend = match known.is_empty() {
                true => "there is $, and what is set with :=".to_owned(),
                false => format!("there are {}", known.join(", ")),
            };
            self.error(offset, format!("the variable ${name} is not there; {mend}"))
        })
    }

    fn command(&mut self, piped: bool) -> Result<Command, TemplateError> {
        let first = self.operand()?;
        let mut arguments = Vec::new();
        loop {
            let next = self.peek();
            if matches!(next.kind, TokenKind::Close | TokenKind::RightParen | TokenKind::Pipe) {
                break;
            }
            if !next.spaced {
                let (offset, found) = (next.offset, next.kind.describe());
                return Err(self.error(offset, format!("{found} cannot be here; is a space missing?")));
            }
            let argument = self.operand()?;
            if let TermKind::Function(_) = argument.kind {
                self.check(&argument, &[], false)?;
            }
            arguments.push(argument);
        }
        self.check(&first, &arguments, piped)?;
        Ok(Command { first, arguments })
    }

    /// Checks what is given to what.
    fn check(&self, first: &Term, arguments: &[Term], piped: bool) -> Result<(), TemplateError> {
        match &first.kind {
            TermKind::Function(function) => {
                let given = arguments.len() + usize::from(piped);
                if function.arity.fits(given) {
                    return Ok(());
                }
                let (name, wants) = (function.name, function.arity);
                Err(self.error(first.offset, format!("{name} takes {wants}, and here it is given {given}")))
            }
            TermKind::Field(_) | TermKind::Variable(..) | TermKind::Chain(..) => Ok(()),
            TermKind::Nil if !piped && arguments.is_empty() => {
                Err(self.error(first.offset, "nil is no value here"))
            }
            _ if !arguments.is_empty() => {
                Err(self.error(first.offset, "this takes no arguments: only functions and methods do"))
            }
            TermKind::Pipeline(_) if !piped => Ok(()),
            _ if piped => Err(self.error(
                first.offset,
                "what is after a | must be a function or a method that takes the value",
            )),
            _ => Ok(()),
        }
    }

    fn operand(&mut self) -> Result<Term, TemplateError> {
        let token = self.next();
        let offset = token.offset;
        let kind = match token.kind {
            TokenKind::Dot => TermKind::Dot,
            TokenKind::Word("nil") => TermKind::Nil,
            TokenKind::Word("true") => TermKind::Constant(Value::Bool(true)),
            TokenKind::Word("false") => TermKind::Constant(Value::Bool(false)),
            TokenKind::Word(word) if is_keyword(word) => {
                return Err(self.error(offset, format!("{word} cannot be here; it begins an action")));
            }
            TokenKind::Word(word) => match self.dialect.function(word) {
                Some(function) => TermKind::Function(function),
                None => return Err(self.error(offset, self.dialect.unknown(word))),
            },
            TokenKind::Field(name) => TermKind::Field(self.fields(vec![name.into()])),
            TokenKind::Variable(name) => {
                let slot = self.slot(name, offset)?;
                TermKind::Variable(slot, self.fields(Vec::new()))
            }
            TokenKind::Quoted(text) => TermKind::Constant(Value::text(text)),
            TokenKind::Number(value) => TermKind::Constant(value),
            TokenKind::LeftParen => {
                let pipeline = self.deeper(offset, |parser| parser.pipeline(0, "a pair of parentheses"))?;
                let close = self.next();
                if !matches!(close.kind, TokenKind::RightParen) {
                    return Err(self.error(offset, "this parenthesis is not closed"));
                }
                TermKind::Pipeline(Box::new(pipeline))
            }
            other => {
                return Err(self.error(offset, format!("{} where a value should be", other.describe())));
            }
        };
        let fields = self.fields(Vec::new());
        if fields.is_empty() {
            return Ok(Term { offset, kind });
        }
        if matches!(kind, TermKind::Constant(_) | TermKind::Nil | TermKind::Dot) {
            return Err(self.error(offset, "this has no fields"));
        }
        let inner = Term { offset, kind };
        if let TermKind::Function(_) = inner.kind {
            self.check(&inner, &[], false)?;
        }
        Ok(Term { offset, kind: TermKind::Chain(Box::new(inner), fields) })
    }

    /// The fields that follow without a space.
    fn fields(&mut self, mut fields: Vec<Arc<str>>) -> Vec<Arc<str>> {
        while let TokenKind::Field(name) = self.peek().kind
            && !self.peek().spaced
        {
            fields.push(name.into());
            self.next();
        }
        fields
    }
}
