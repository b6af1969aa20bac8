//! From a text to tokens, one at a time.
//!
//! The same characters are other tokens inside braces (where every word is a label's name) and inside brackets (where
//! only durations stand), so the lexer remembers what is open. It never looks further than one token, copies nothing,
//! and its work is linear in the length of the text.

use crate::promql::ast::Span;
use crate::promql::fault::{Fault, Quoted};
use crate::promql::token::{Keyword, Token, TokenKind};

/// What the next token stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Expression,
    Braces,
    Brackets,
}

/// The state of the scan.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    inside: Inside,
    open: Vec<usize>,
    bracket: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, inside: Inside::Expression, open: Vec::new(), bracket: 0 }
    }

    /// The next token; at the end of the text [`TokenKind::End`], again and again.
    pub(crate) fn next(&mut self) -> Result<Token, Fault> {
        self.skip_blanks();
        let start = self.at;
        let Some(first) = self.bump() else {
            return self.end();
        };
        let kind = match self.inside {
            Inside::Expression => self.in_expression(first, start)?,
            Inside::Braces => self.in_braces(first, start)?,
            Inside::Brackets => self.in_brackets(first, start)?,
        };
        Ok(Token { kind, span: Span { start, end: self.at } })
    }

    fn skip_blanks(&mut self) {
        while let Some(next) = self.peek() {
            match next {
                ' ' | '\t' | '\n' | '\r' => self.at += 1,
                '#' => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
                }
                _ => break,
            }
        }
    }

    fn end(&self) -> Result<Token, Fault> {
        let end = Span { start: self.at, end: self.at };
        match self.inside {
            Inside::Braces => Err(Fault::new(end, "unexpected end of input inside braces")),
            Inside::Brackets => Err(Fault::new(one(self.bracket), "unclosed left bracket")),
            Inside::Expression => match self.open.last() {
                Some(&paren) => Err(Fault::new(one(paren), "unclosed left parenthesis")),
                None => Ok(Token { kind: TokenKind::End, span: end }),
            },
        }
    }

    fn in_expression(&mut self, first: char, start: usize) -> Result<TokenKind, Fault> {
        Ok(match first {
            ',' => TokenKind::Comma,
            '*' => TokenKind::Star,
            '/' => TokenKind::Slash,
            '%' => TokenKind::Percent,
            '+' => TokenKind::Plus,
            '-' => TokenKind::Minus,
            '^' => TokenKind::Caret,
            '@' => TokenKind::At,
            '=' if self.take('=') => TokenKind::EqualEqual,
            '=' if self.peek() == Some('~') => {
                return Err(self.fault(start, "unexpected character after '=': '~'"));
            }
            '=' => TokenKind::Equal,
            '!' if self.take('=') => TokenKind::NotEqual,
            '!' => return Err(self.after("'!'", start)),
            '<' if self.take('=') => TokenKind::LessEqual,
            '<' => TokenKind::Less,
            '>' if self.take('=') => TokenKind::GreaterEqual,
            '>' => TokenKind::Greater,
            '(' => {
                self.open.push(start);
                TokenKind::LeftParen
            }
            ')' => {
                if self.open.pop().is_none() {
                    return Err(self.fault(start, "unexpected right parenthesis ')'"));
                }
                TokenKind::RightParen
            }
            '{' => {
                if self.peek() == Some('{') {
                    return Err(self.fault(
                        start,
                        "native histogram literals are not supported: histograms here are classic ones",
                    ));
                }
                self.inside = Inside::Braces;
                TokenKind::LeftBrace
            }
            '[' => {
                self.inside = Inside::Brackets;
                self.bracket = start;
                TokenKind::LeftBracket
            }
            ']' => return Err(self.fault(start, "unexpected right bracket ']'")),
            '"' | '\'' | '`' => self.string(first, start)?,
            '0'..='9' => self.number(start)?,
            '.' if self.peek().is_some_and(|next| next.is_ascii_digit()) => self.number(start)?,
            first if is_word(first) || first == ':' => self.word(start),
            other => return Err(self.fault(start, format!("unexpected character: {other:?}"))),
        })
    }

    fn in_braces(&mut self, first: char, start: usize) -> Result<TokenKind, Fault> {
        Ok(match first {
            ',' => TokenKind::Comma,
            '=' if self.take('~') => TokenKind::EqualTilde,
            '=' => TokenKind::Equal,
            '!' if self.take('~') => TokenKind::NotTilde,
            '!' if self.take('=') => TokenKind::NotEqual,
            '!' => return Err(self.after("'!' inside braces", start)),
            '{' => return Err(self.fault(start, "unexpected left brace '{'")),
            '}' => {
                self.inside = Inside::Expression;
                TokenKind::RightBrace
            }
            '"' | '\'' | '`' => self.string(first, start)?,
            first if is_word(first) && !first.is_ascii_digit() => {
                self.take_while(is_word);
                TokenKind::Identifier
            }
            other => {
                return Err(self.fault(start, format!("unexpected character inside braces: {other:?}")));
            }
        })
    }

    fn in_brackets(&mut self, first: char, start: usize) -> Result<TokenKind, Fault> {
        Ok(match first {
            ':' => TokenKind::Colon,
            '+' => TokenKind::Plus,
            '-' => TokenKind::Minus,
            '*' => TokenKind::Star,
            '/' => TokenKind::Slash,
            '%' => TokenKind::Percent,
            '^' => TokenKind::Caret,
            '(' => {
                self.open.push(start);
                TokenKind::LeftParen
            }
            ']' => {
                self.inside = Inside::Expression;
                TokenKind::RightBracket
            }
            '0'..='9' => self.number(start)?,
            '.' if self.peek().is_some_and(|next| next.is_ascii_digit()) => self.number(start)?,
            first if is_word(first) => {
                self.take_while(is_word);
                TokenKind::Identifier
            }
            other => {
                return Err(self.fault(start, format!("unexpected character in a duration: {other:?}")));
            }
        })
    }

    /// A word, or a name with colons. Its first character is taken.
    fn word(&mut self, start: usize) -> TokenKind {
        self.take_while(|next| is_word(next) || next == ':');
        let word = &self.text[start..self.at];
        if let Some(keyword) = Keyword::of(word) {
            TokenKind::Keyword(keyword)
        } else if word.eq_ignore_ascii_case("inf") || word.eq_ignore_ascii_case("nan") {
            TokenKind::Number
        } else if word.contains(':') {
            TokenKind::MetricIdentifier
        } else {
            TokenKind::Identifier
        }
    }

    /// A string to its closing quote. What its escapes mean is for who reads it.
    fn string(&mut self, quote: char, start: usize) -> Result<TokenKind, Fault> {
        while let Some(next) = self.bump() {
            match next {
                next if next == quote => return Ok(TokenKind::String),
                char::REPLACEMENT_CHARACTER => return Err(self.fault(start, "invalid UTF-8 rune")),
                '\\' if quote != '`' => {
                    self.bump();
                }
                '\n' if quote != '`' => break,
                _ => {}
            }
        }
        let kind = if quote == '`' { "unterminated raw string" } else { "unterminated quoted string" };
        Err(Fault::new(one(start), kind))
    }

    /// A number or a duration. Its first character is taken.
    fn number(&mut self, start: usize) -> Result<TokenKind, Fault> {
        self.at = start;
        if self.scan_number() {
            return Ok(TokenKind::Number);
        }
        if self.scan_duration() {
            return Ok(TokenKind::Duration);
        }
        self.take_while(is_word);
        let text = Quoted(&self.text[start..self.at]);
        Err(self.fault(start, format!("bad number or duration syntax: {text}")))
    }

    /// As far as a number goes; whether it stands alone. Whether it has a value is for who reads it.
    fn scan_number(&mut self) -> bool {
        let hexadecimal = self.text[self.at..].starts_with("0x") || self.text[self.at..].starts_with("0X");
        if hexadecimal {
            self.at += 2;
            self.take_while(|next| next.is_ascii_hexdigit() || next == '_');
        } else {
            self.take_while(|next| next.is_ascii_digit() || next == '_');
            if self.take('.') {
                self.take_while(|next| next.is_ascii_digit() || next == '_');
            }
            if self.take('e') || self.take('E') {
                let _ = self.take('+') || self.take('-');
                self.take_while(|next| next.is_ascii_digit() || next == '_');
            }
        }
        !self.peek().is_some_and(|next| is_word(next) || next == '.')
    }

    /// From the first unit to the end of a duration, its number taken. The order of the units is for who reads it.
    fn scan_duration(&mut self) -> bool {
        loop {
            if !self.peek().is_some_and(|next| "smhdwy".contains(next)) {
                return false;
            }
            self.at += 1;
            let _ = self.take('s');
            if !self.peek().is_some_and(|next| next.is_ascii_digit()) {
                return !self.peek().is_some_and(is_word);
            }
            self.take_while(|next| next.is_ascii_digit());
        }
    }

    fn after(&mut self, what: &str, start: usize) -> Fault {
        let message = match self.bump() {
            Some(next) => format!("unexpected character after {what}: {next:?}"),
            None => format!("unexpected end of input after {what}"),
        };
        self.fault(start, message)
    }

    fn fault(&self, start: usize, message: impl Into<String>) -> Fault {
        Fault::new(Span { start, end: self.at }, message)
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.bump();
        }
    }
}

/// The span of one byte.
fn one(start: usize) -> Span {
    Span { start, end: start + 1 }
}

fn is_word(next: char) -> bool {
    next == '_' || next.is_ascii_alphanumeric()
}
