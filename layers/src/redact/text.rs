//! Secrets inside of a text.

use std::borrow::Cow;
use std::ops::Range;

use crate::redact::url::password_after;
use crate::redact::{REDACTED, Redaction};

impl Redaction {
    /// The text without the values of secret keys: members of JSON objects, also where the JSON is a string within JSON;
    /// `key=value` as in a query string; `key: "value"` as `Debug` prints a struct; the lines of the headers that carry
    /// credentials; and the passwords of URLs.
    ///
    /// One pass over the text, in proportion to its length; nothing is parsed, so it need not be valid, and may be cut off.
    /// Allocates only where there is a secret.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_empty() {
            return Cow::Borrowed(text);
        }
        let bytes = text.as_bytes();
        let mut redacted = String::new();
        let (mut copied, mut at) = (0, 0);
        while let Some(found) = bytes[at..].iter().position(|byte| matches!(byte, b':' | b'=')) {
            let separator = at + found;
            at = separator + 1;
            if let Some(password) = password_after(bytes, separator) {
                redacted.push_str(&text[copied..password.start]);
                redacted.push_str(REDACTED);
                copied = password.end;
                at = copied;
                continue;
            }
            let Some(key) = Key::before(bytes, separator) else { continue };
            if !self.is_secret_bytes(key.name) {
                continue;
            }
            let Some(value) = value_after(bytes, separator, &key) else { continue };
            let quote = if value.is_bare { key.quote } else { b"" };
            let quote = str::from_utf8(quote).unwrap_or_default();
            redacted.push_str(&text[copied..value.range.start]);
            redacted.extend([quote, REDACTED, quote]);
            copied = value.range.end;
            at = copied;
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        redacted.push_str(&text[copied..]);
        Cow::Owned(redacted)
    }
}

/// The longest part of a key that is looked at; what makes it secret stands at its end as often as at its start.
const LONGEST_KEY: usize = 64;

/// How many spaces may stand around a separator.
const MOST_SPACES: usize = 4;

/// What stands before a separator.
struct Key<'t> {
    name: &'t [u8],
    /// Its closing quote with the backslashes before it; empty where it has none.
    quote: &'t [u8],
}

impl<'t> Key<'t> {
    fn before(text: &'t [u8], separator: usize) -> Option<Self> {
        let mut end = separator;
        while end > 0 && separator - end < MOST_SPACES && text[end - 1] == b' ' {
            end -= 1;
        }
        let quote_end = end;
        if end > 0 && is_quote(text[end - 1]) {
            end -= 1;
            while end > 0 && text[end - 1] == b'\\' {
                end -= 1;
            }
        }
        let mut start = end;
        while start > 0 && end - start < LONGEST_KEY && is_key_byte(text[start - 1]) {
            start -= 1;
        }
        (start < end).then(|| Self { name: &text[start..end], quote: &text[end..quote_end] })
    }

    /// A header whose value is the rest of its line.
    fn is_header(&self) -> bool {
        const HEADERS: [&str; 5] =
            ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"];
        HEADERS.iter().any(|header| self.name.eq_ignore_ascii_case(header.as_bytes()))
    }
}

/// Brackets and `%` as in the forms `user[password]` and `user%5Bpassword%5D`.
fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'%')
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// What is secret.
struct Value {
    range: Range<usize>,
    /// It has no quotes of its own, and needs those of its key.
    is_bare: bool,
}

fn value_after(text: &[u8], separator: usize, key: &Key<'_>) -> Option<Value> {
    let mut at = separator + 1;
    let is_assignment = text[separator] == b'=';
    match text.get(at)? {
        b'=' => return None,
        b'>' if is_assignment => at += 1,
        _ => {}
    }
    at += text[at..].iter().take(MOST_SPACES).take_while(|byte| **byte == b' ').count();
    let is_quoted = !key.quote.is_empty();
    let rest = text.get(at..)?;
    let optional = if rest.starts_with(b"Some(") { 5 } else { 0 };
    if let Some((inside, quote, depth)) = opening_quote(text, at + optional) {
        return Some(Value { range: inside..string_end(text, inside, quote, depth), is_bare: false });
    }
    let range = match rest.first()? {
        b'{' | b'[' if is_quoted || is_assignment => at..nested_end(text, at, depth_of(key)),
        _ if key.is_header() => until(text, at, |byte| matches!(byte, b'\n' | b'\r' | b'"')),
        _ if is_assignment => until(text, at, |byte| {
            byte.is_ascii_whitespace()
                || matches!(byte, b'&' | b';' | b',' | b'"' | b'\'' | b')' | b'}' | b'\\' | b'#')
        }),
        _ if is_quoted => {
            until(text, at, |byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b']'))
        }
        _ => return None,
    };
    (!range.is_empty()).then_some(Value { range, is_bare: true })
}

/// Where the value inside of quotes begins, with its quote and the backslashes before that.
fn opening_quote(text: &[u8], at: usize) -> Option<(usize, u8, usize)> {
    let depth = text[at..].iter().take_while(|byte| **byte == b'\\').count();
    let quote = *text.get(at + depth).filter(|byte| is_quote(**byte))?;
    Some((at + depth + 1, quote, depth))
}

/// How many backslashes stand before the quotes of this level of JSON.
fn depth_of(key: &Key<'_>) -> usize {
    key.quote.len().saturating_sub(1)
}

/// Whether a quote after so many backslashes ends a string whose own quotes have `depth` of them.
fn closes(backslashes: usize, depth: usize) -> bool {
    if depth == 0 { backslashes.is_multiple_of(2) } else { backslashes <= depth }
}

fn string_end(text: &[u8], start: usize, quote: u8, depth: usize) -> usize {
    let mut backslashes = 0;
    for (at, byte) in text.iter().enumerate().skip(start) {
        match *byte {
            b'\\' => backslashes += 1,
            byte if byte == quote && closes(backslashes, depth) => return at - backslashes.min(depth),
            _ => backslashes = 0,
        }
    }
    text.len()
}

/// The end of an object or an array.
fn nested_end(text: &[u8], start: usize, depth: usize) -> usize {
    let (mut open, mut backslashes, mut in_string) = (0_usize, 0, false);
    for (at, byte) in text.iter().enumerate().skip(start) {
        match byte {
            b'\\' => {
                backslashes += 1;
                continue;
            }
            b'"' if closes(backslashes, depth) => in_string = !in_string,
            b'{' | b'[' if !in_string => open += 1,
            b'}' | b']' if !in_string => {
                open -= 1;
                if open == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        backslashes = 0;
    }
    text.len()
}

fn until(text: &[u8], start: usize, is_end: impl Fn(u8) -> bool) -> Range<usize> {
    let length = text[start..].iter().position(|byte| is_end(*byte));
    start..length.map_or(text.len(), |length| start + length)
}

#[cfg(test)]
mod tests {
    use crate::redact::Redaction;

    #[test]
    fn secrets_are_found_by_their_keys() {
        let redaction = Redaction::new().with_key("pin");
        for (text, expected) in [
            (
                r#"{"user":"ada","password":"hunter2","n":1}"#,
                r#"{"user":"ada","password":"[redacted]","n":1}"#,
            ),
            (r#"{"password":"a\"b\\","n":1}"#, r#"{"password":"[redacted]","n":1}"#),
            (r#"{"pin": 1234, "n": 1}"#, r#"{"pin": "[redacted]", "n": 1}"#),
            (r#"{"secrets":{"a":["}"],"b":{}},"n":1}"#, r#"{"secrets":"[redacted]","n":1}"#),
            (r#"{"body":"{\"token\":\"x\",\"n\":1}"}"#, r#"{"body":"{\"token\":\"[redacted]\",\"n\":1}"}"#),
            (r#"{"body":"{\"token\":12,\"n\":1}"}"#, r#"{"body":"{\"token\":\"[redacted]\",\"n\":1}"}"#),
            ("GET /a?q=1&access_token=abc%20d&x=2", "GET /a?q=1&access_token=[redacted]&x=2"),
            ("user[password]=x&user%5Bsecret%5D=y", "user[password]=[redacted]&user%5Bsecret%5D=[redacted]"),
            (
                "Login { user: \"ada\", password: \"x y\" }",
                "Login { user: \"ada\", password: \"[redacted]\" }",
            ),
            ("Login { token: Some(\"x\") }", "Login { token: Some(\"[redacted]\") }"),
            ("Authorization: Bearer abc def\r\nHost: x", "Authorization: [redacted]\r\nHost: x"),
            ("authorization=Bearer abc", "authorization=[redacted]"),
            (r#"{"password":"cut o"#, r#"{"password":"[redacted]"#),
            ("API-Key=ü&a=1", "API-Key=[redacted]&a=1"),
            // As `Debug` shows a map of headers.
            (
                r#"{"authorization": "Bearer a b", "accept": "*/*", "set-cookie": "id=1; Path=/"}"#,
                r#"{"authorization": "[redacted]", "accept": "*/*", "set-cookie": "[redacted]"}"#,
            ),
        ] {
            assert_eq!(redaction.text(text), expected);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "",
            "invalid token: expected `}` at line 3",
            "if token == 3",
            "at 16:04:05 http://host/a?b=c",
            "token",
            "token=",
            "=",
            ":\"\"",
            r#"{"user":"password"}"#,
        ] {
            assert_eq!(Redaction::new().text(text), text);
        }
        assert_eq!(Redaction::empty().text("password=x"), "password=x");
    }
}
