//! Where the parser stands in the text, and how deep.

use crate::promql::ast::{Expr, Span};
use crate::promql::fault::{Fault, Quoted};
use crate::promql::lexer::Lexer;
use crate::promql::token::{Token, TokenKind};
use crate::promql::value::ValueType;
use crate::series::MatchOp;

/// The most levels of a tree. Prometheus has no such limit; here a text from anywhere must not exhaust the stack of
/// the thread that reads, prints, evaluates or drops it.
const DEEPEST: usize = 128;

/// The most matchers of a text. Each series is held against them without a look at the clock.
const MATCHERS: usize = 1_000;

/// The most regular expressions among them. Each can take 20 ms to compile, and 1 MiB.
const PATTERNS: usize = 100;

/// An expression, with what would take a walk to find out again.
pub(crate) struct Parsed {
    pub(crate) expr: Expr,
    pub(crate) value_type: ValueType,
    /// The levels of the tree.
    pub(crate) height: usize,
}

impl Parsed {
    pub(crate) fn leaf(expr: Expr) -> Self {
        let value_type = expr.value_type();
        Self { expr, value_type, height: 1 }
    }
}

/// The place in the text: one token ahead.
pub(crate) struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    token: Token,
    /// Where the last token that was taken ended.
    end: usize,
    depth: usize,
    matchers: usize,
    patterns: usize,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Self, Fault> {
        let mut lexer = Lexer::new(text);
        let token = lexer.next()?;
        Ok(Self { text, lexer, token, end: 0, depth: 0, matchers: 0, patterns: 0 })
    }

    /// The token ahead.
    pub(crate) fn token(&self) -> Token {
        self.token
    }

    pub(crate) fn at(&self, kind: TokenKind) -> bool {
        self.token.kind == kind
    }

    /// Takes the token ahead.
    pub(crate) fn take(&mut self) -> Result<Token, Fault> {
        let next = self.lexer.next()?;
        let taken = std::mem::replace(&mut self.token, next);
        self.end = taken.span.end;
        Ok(taken)
    }

    /// Takes the token ahead if it is one of this kind.
    pub(crate) fn take_if(&mut self, kind: TokenKind) -> Result<bool, Fault> {
        let found = self.at(kind);
        if found {
            self.take()?;
        }
        Ok(found)
    }

    pub(crate) fn text_of(&self, span: Span) -> &'a str {
        &self.text[span.start..span.end]
    }

    /// From a byte to the end of the last token that was taken.
    pub(crate) fn since(&self, start: usize) -> Span {
        Span { start, end: self.end }
    }

    /// One level further in; [`Self::leave`] comes back.
    pub(crate) fn enter(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        self.bounded(self.depth, self.token.span)
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Makes a node over others.
    pub(crate) fn node(&self, expr: Expr, value_type: ValueType, below: usize) -> Result<Parsed, Fault> {
        let height = below + 1;
        self.bounded(height, Span { start: self.end, end: self.end })?;
        Ok(Parsed { expr, value_type, height })
    }

    fn bounded(&self, depth: usize, span: Span) -> Result<(), Fault> {
        if depth <= DEEPEST {
            return Ok(());
        }
        Err(Fault::new(
            span,
            format!("the expression has more than {DEEPEST} levels: split it in recording rules"),
        ))
    }

    /// One matcher more, before it is compiled.
    pub(crate) fn count_matcher(&mut self, op: MatchOp, span: Span) -> Result<(), Fault> {
        self.matchers += 1;
        self.patterns += usize::from(matches!(op, MatchOp::Regex | MatchOp::NotRegex));
        let (what, most) = match (self.matchers > MATCHERS, self.patterns > PATTERNS) {
            (true, _) => ("matchers", MATCHERS),
            (_, true) => ("regular expressions", PATTERNS),
            _ => return Ok(()),
        };
        Err(Fault::new(
            span,
            format!("the query has more than {most} {what}; one of `a|b|c` can do the work of three"),
        ))
    }

    /// That the token ahead cannot stand here.
    pub(crate) fn unexpected(&self, context: &str, expected: &str) -> Fault {
        let mut message = format!("unexpected {}", self.describe());
        if !context.is_empty() {
            message.push_str(" in ");
            message.push_str(context);
        }
        if !expected.is_empty() {
            message.push_str(", expected ");
            message.push_str(expected);
        }
        Fault::new(self.token.span, message)
    }

    fn describe(&self) -> String {
        let text = self.text_of(self.token.span);
        match self.token.kind {
            TokenKind::End => "end of input".into(),
            TokenKind::Identifier => format!("identifier {}", Quoted(text)),
            TokenKind::MetricIdentifier => format!("metric identifier {}", Quoted(text)),
            TokenKind::Number => format!("number {}", Quoted(text)),
            TokenKind::Duration => format!("duration {}", Quoted(text)),
            TokenKind::String => format!("string {}", Quoted(text)),
            TokenKind::Keyword(_) if self.token.kind.binary_op().is_none() => format!("<{text}>"),
            kind if kind.binary_op().is_some() => format!("<op:{text}>"),
            _ => Quoted(text).to_string(),
        }
    }
}
