//! From characters to words.

use crate::alert::template::TemplateError;
use crate::alert::template::go::parse_float;
use crate::alert::template::text::token::{Token, TokenKind};
use crate::alert::template::value::Value;

/// What is trimmed at `{{-` and `-}}`.
const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The words of a text, the last of them its end.
pub(crate) fn words(text: &str) -> Result<Vec<Token<'_>>, TemplateError> {
    let mut lexer = Lexer { text, at: 0, words: Vec::new() };
    lexer.run().map_err(|(offset, message)| TemplateError::at(text, offset, message))?;
    Ok(lexer.words)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    words: Vec<Token<'t>>,
}

type Fault = (usize, String);

impl<'t> Lexer<'t> {
    fn run(&mut self) -> Result<(), Fault> {
        let mut trims = false;
        loop {
            let rest = self.rest();
            let end = rest.find("{{").unwrap_or(rest.len());
            let (mut text, action) = rest.split_at(end);
            if trims {
                text = text.trim_start_matches(SPACE);
            }
            let marks = action.strip_prefix("{{-").is_some_and(|tail| tail.starts_with(SPACE));
            if marks {
                text = text.trim_end_matches(SPACE);
            }
            if !text.is_empty() {
                self.push(TokenKind::Text(text), self.at, false);
            }
            self.at += end;
            if action.is_empty() {
                self.push(TokenKind::End, self.at, false);
                return Ok(());
            }
            let open = self.at;
            self.at += if marks { 3 } else { 2 };
            let spaces =
                if marks { self.rest().len() - self.rest().trim_start_matches(SPACE).len() } else { 0 };
            if self.rest()[spaces..].starts_with("/*") {
                self.at += spaces;
                trims = self.comment(open)?;
            } else {
                self.push(TokenKind::Open, open, false);
                trims = self.action(open)?;
            }
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: TokenKind<'t>, offset: usize, spaced: bool) {
        self.words.push(Token { kind, offset, spaced });
    }

    /// Skips a comment, and says whether the text after it is trimmed.
    fn comment(&mut self, open: usize) -> Result<bool, Fault> {
        let end = self.rest().find("*/").ok_or((open, "the comment is not closed with */}}".to_owned()))?;
        self.at += end + 2;
        if self.rest().starts_with("}}") {
            self.at += 2;
            return Ok(false);
        }
        match self.trimming_close() {
            Some(length) => {
                self.at += length;
                Ok(true)
            }
            None => Err((self.at, "after a comment nothing but }} or -}} may stand".to_owned())),
        }
    }

    /// The length of ` -}}` where it comes next.
    fn trimming_close(&self) -> Option<usize> {
        let rest = self.rest();
        let marker = rest.trim_start_matches(SPACE);
        let spaces = rest.len() - marker.len();
        (spaces > 0 && marker.starts_with("-}}")).then_some(spaces + 3)
    }

    /// Reads to the end of an action, and says whether the text after it is trimmed.
    fn action(&mut self, open: usize) -> Result<bool, Fault> {
        loop {
            if let Some(length) = self.trimming_close() {
                self.push(TokenKind::Close, self.at, false);
                self.at += length;
                return Ok(true);
            }
            let rest = self.rest();
            let inside = rest.trim_start_matches(SPACE);
            let spaced = inside.len() < rest.len();
            self.at += rest.len() - inside.len();
            let offset = self.at;
            if inside.starts_with("}}") {
                self.push(TokenKind::Close, offset, spaced);
                self.at += 2;
                return Ok(false);
            }
            let Some(char) = inside.chars().next() else {
                return Err((open, "the action is not closed with }}".to_owned()));
            };
            let kind = self.word(char, inside)?;
            self.push(kind, offset, spaced);
        }
    }

    fn word(&mut self, char: char, inside: &'t str) -> Result<TokenKind<'t>, Fault> {
        let second = inside[char.len_utf8()..].chars().next();
        let digit = |char: Option<char>| char.is_some_and(|char| char.is_ascii_digit());
        let (kind, length) = match char {
            '"' | '`' | '\'' => return self.quoted(char, inside),
            '|' => (TokenKind::Pipe, 1),
            '(' => (TokenKind::LeftParen, 1),
            ')' => (TokenKind::RightParen, 1),
            ',' => (TokenKind::Comma, 1),
            ':' if second == Some('=') => (TokenKind::Declare, 2),
            '=' => (TokenKind::Assign, 1),
            _ if char.is_ascii_digit() || (matches!(char, '.' | '+' | '-') && digit(second)) => {
                return self.number(inside);
            }
            '+' | '-' if second == Some('.') => return self.number(inside),
            '.' | '$' => {
                let name = name(&inside[1..]);
                let kind = match (char, name) {
                    ('.', "") => TokenKind::Dot,
                    ('.', name) => TokenKind::Field(name),
                    (_, name) => TokenKind::Variable(name),
                };
                self.ends(inside, 1 + name.len())?;
                (kind, 1 + name.len())
            }
            _ if is_letter(char) => {
                let word = name(inside);
                self.ends(inside, word.len())?;
                (TokenKind::Word(word), word.len())
            }
            '{' if second == Some('{') => {
                return Err((
                    self.at,
                    "an action begins inside of an action; close it with }} first".to_owned(),
                ));
            }
            '!' | '<' | '>' | '&' | '+' | '-' | '*' | '/' => {
                let mend =
                    "templates have no operators; use eq, ne, lt, gt, and, or, not, and compute in PromQL";
                return Err((self.at, format!("{char:?} cannot be here: {mend}")));
            }
            _ => return Err((self.at, format!("{char:?} cannot be here"))),
        };
        self.at += length;
        Ok(kind)
    }

    /// Checks that a name is not followed by what looks as if it belonged to it.
    fn ends(&self, inside: &str, length: usize) -> Result<(), Fault> {
        let tail = &inside[length..];
        match tail.chars().next() {
            None | Some(' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | '=' | ')' | '(') => Ok(()),
            Some('}') if tail.starts_with("}}") => Ok(()),
            Some('-') => Err((
                self.at + length,
                "a name has no dash here; a label with one is reached with index .Labels \"a-b\"".to_owned(),
            )),
            Some(other) => Err((self.at + length, format!("{other:?} cannot follow a name"))),
        }
    }

    fn quoted(&mut self, mark: char, inside: &'t str) -> Result<TokenKind<'t>, Fault> {
        let start = self.at;
        let open = |what: &str| (start, format!("the {what} is not closed"));
        if mark == '`' {
            let end = inside[1..].find('`').ok_or_else(|| open("raw string"))?;
            self.at += end + 2;
            return Ok(TokenKind::Quoted(inside[1..=end].to_owned()));
        }
        let what = if mark == '"' { "string" } else { "character" };
        let mut value = Vec::new();
        let mut rest = &inside[1..];
        loop {
            let char = rest.chars().next().filter(|char| *char != '\n').ok_or_else(|| open(what))?;
            let at = start + inside.len() - rest.len();
            rest = &rest[char.len_utf8()..];
            match char {
                _ if char == mark => break,
                '\\' => {
                    rest = escape(rest, mark, &mut value)
                        .ok_or((at, format!("the {what} has an unknown escape")))?;
                }
                other => value.extend(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        self.at += inside.len() - rest.len();
        let text = String::from_utf8_lossy(&value).into_owned();
        if mark == '"' {
            return Ok(TokenKind::Quoted(text));
        }
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(char), None) => Ok(TokenKind::Number(Value::Int(i64::from(u32::from(char))))),
            _ => Err((start, "'...' is one character; a string is in \"double quotes\"".to_owned())),
        }
    }

    fn number(&mut self, inside: &str) -> Result<TokenKind<'t>, Fault> {
        let digits = inside.strip_prefix(['+', '-']).unwrap_or(inside);
        let hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
        let mut last = ' ';
        let end = inside
            .char_indices()
            .find(|&(index, char)| {
                let sign =
                    matches!(char, '+' | '-') && (index == 0 || (!hexadecimal && matches!(last, 'e' | 'E')));
                let part = sign || char.is_ascii_alphanumeric() || matches!(char, '.' | '_');
                last = char;
                !part
            })
            .map_or(inside.len(), |(end, _)| end);
        let text = &inside[..end];
        let value = integer(text).or_else(|| parse_float(text).filter(|_| !hexadecimal).map(Value::Float));
        let value = value.ok_or_else(|| (self.at, format!("{text:?} is no number")))?;
        self.at += end;
        Ok(TokenKind::Number(value))
    }
}

/// The letters, digits and underscores that a text begins with.
fn name(text: &str) -> &str {
    let end = text.find(|char: char| !is_letter(char) && !char.is_numeric()).unwrap_or(text.len());
    &text[..end]
}

fn is_letter(char: char) -> bool {
    char == '_' || char.is_alphabetic()
}

/// Reads what follows a backslash, and returns what is left.
fn escape<'t>(rest: &'t str, mark: char, out: &mut Vec<u8>) -> Option<&'t str> {
    let char = rest.chars().next()?;
    let tail = &rest[char.len_utf8()..];
    let code = |digits: usize, base: u32, text: &str| u32::from_str_radix(text.get(..digits)?, base).ok();
    let simple = match char {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' => b'\\',
        '"' | '\'' if char == mark => u8::try_from(char).ok()?,
        'x' => {
            out.push(u8::try_from(code(2, 16, tail)?).ok()?);
            return tail.get(2..);
        }
        'u' | 'U' => {
            let digits = if char == 'u' { 4 } else { 8 };
            let char = char::from_u32(code(digits, 16, tail)?)?;
            out.extend(char.encode_utf8(&mut [0; 4]).as_bytes());
            return tail.get(digits..);
        }
        '0'..='7' => {
            out.push(u8::try_from(code(3, 8, rest)?).ok()?);
            return rest.get(3..);
        }
        _ => return None,
    };
    out.push(simple);
    Some(tail)
}

fn integer(text: &str) -> Option<Value> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase().replace('_', "");
    let (digits, base) = match lower.as_bytes() {
        [b'0', b'x', ..] => (&lower[2..], 16),
        [b'0', b'b', ..] => (&lower[2..], 2),
        [b'0', b'o', ..] => (&lower[2..], 8),
        [b'0', _, ..] => (&lower[1..], 8),
        _ => (&lower[..], 10),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let size = i128::from(u64::from_str_radix(digits, base).ok()?);
    i64::try_from(if negative { -size } else { size }).ok().map(Value::Int)
}
