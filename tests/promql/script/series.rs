//! A series and its values in the expanding notation: `up{job="shop"} 1+2x3 _ 5x2 stale {{count:1}}`.
//!
//! `1+2x3` is 1, and three more, each 2 higher; `1x3` is four ones; `_x3` is three times nothing.

use tower_watch::series::{Labels, STALE};

use crate::script::command::{Item, Series};

/// Reads one line.
pub(crate) fn series(line: &str) -> Result<Series, String> {
    let mut text = Text { rest: line };
    let labels = text.labels().ok_or_else(|| format!("cannot read the labels of {line:?}"))?;
    let mut values = Vec::new();
    loop {
        text.skip_space();
        if text.rest.is_empty() || text.rest.starts_with('#') {
            return Ok(Series { labels, values });
        }
        text.items(&mut values).ok_or_else(|| format!("cannot read {:?} in {line:?}", text.rest))?;
    }
}

struct Text<'a> {
    rest: &'a str,
}

impl Text<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, prefix: &str) -> bool {
        let after = self.rest.strip_prefix(prefix);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> Option<String> {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(word.to_owned()).filter(|word| !word.is_empty())
    }

    fn labels(&mut self) -> Option<Labels> {
        let mut labels = Vec::new();
        if let Some(name) = self.word(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            labels.push(("__name__".to_owned(), name));
        }
        if !self.take("{") {
            return Some(labels).filter(|labels| !labels.is_empty()).map(Labels::new);
        }
        loop {
            self.skip_space();
            if self.take("}") {
                return Some(Labels::new(labels));
            }
            let name =
                self.quoted().or_else(|| self.word(|c| c.is_alphanumeric() || c == '_' || c == '.'))?;
            self.skip_space();
            if self.take("=") {
                self.skip_space();
                let value = self.quoted()?;
                labels.push((name, value));
            } else {
                labels.push(("__name__".to_owned(), name));
            }
            self.skip_space();
            if !self.take(",") && !self.rest.starts_with('}') {
                return None;
            }
        }
    }

    fn quoted(&mut self) -> Option<String> {
        let (value, rest) = quoted(self.rest)?;
        self.rest = &self.rest[self.rest.len() - rest..];
        Some(value)
    }

    fn items(&mut self, values: &mut Vec<Item>) -> Option<()> {
        if self.take("_") {
            let count = if self.take("x") { self.count()? } else { 1 };
            values.extend(std::iter::repeat_n(Item::Omitted, count));
        } else if self.take("stale") {
            values.push(Item::Float(STALE));
        } else if self.histogram()? {
            if self.take("+") || self.take("-") {
                self.histogram()?;
            }
            let more = if self.take("x") { self.count()? } else { 0 };
            values.extend(std::iter::repeat_n(Item::Histogram, more + 1));
        } else {
            let mut value = self.number()?;
            let step = if self.rest.starts_with(['+', '-']) { self.number()? } else { 0.0 };
            let more = if self.take("x") { self.count()? } else { 0 };
            for _ in 0..=more {
                values.push(Item::Float(value));
                value += step;
            }
        }
        (self.rest.is_empty() || self.rest.starts_with(char::is_whitespace)).then_some(())
    }

    fn count(&mut self) -> Option<usize> {
        self.word(|c| c.is_ascii_digit())?.parse().ok()
    }

    /// Whether there was one; its fields do not matter here.
    fn histogram(&mut self) -> Option<bool> {
        if !self.take("{{") {
            return Some(false);
        }
        let end = self.rest.find("}}")?;
        self.rest = &self.rest[end + 2..];
        Some(true)
    }

    fn number(&mut self) -> Option<f64> {
        let bytes = self.rest.as_bytes();
        let mut end = usize::from(self.rest.starts_with(['+', '-']));
        while let Some(byte) = bytes.get(end) {
            let exponent = end > 0 && matches!(bytes[end - 1], b'e' | b'E') && matches!(byte, b'+' | b'-');
            if *byte == b'x' || !(byte.is_ascii_alphanumeric() || *byte == b'.' || exponent) {
                break;
            }
            end += 1;
        }
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        number.parse().ok()
    }
}

/// A string in quotes at the beginning of a text, and how many bytes follow it.
pub(crate) fn quoted(text: &str) -> Option<(String, usize)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    let mut value = String::new();
    let mut chars = text[1..].chars();
    loop {
        match chars.next()? {
            c if c == quote => return Some((value, chars.as_str().len())),
            '\\' if quote != '`' => value.push(match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                c @ ('\\' | '"' | '\'') => c,
                _ => return None,
            }),
            c => value.push(c),
        }
    }
}

#[test]
fn series_are_expanded() {
    use Item::{Float, Histogram, Omitted};
    let read = series(
        r#"a:b{c="d\"}", "e f"='g'} 1+2x2 -1-1x1 _ _x2 5x1 stale {{sum:1 count:2}}+{{sum:1}}x1 1e-3 Inf"#,
    );
    let read = read.unwrap();
    assert_eq!(read.labels, Labels::new([("__name__", "a:b"), ("c", "d\"}"), ("e f", "g")]));
    let Float(stale) = read.values[10] else { panic!("{read:?}") };
    assert!(tower_watch::series::is_stale(stale));
    let expected = [
        Float(1.0),
        Float(3.0),
        Float(5.0),
        Float(-1.0),
        Float(-2.0),
        Omitted,
        Omitted,
        Omitted,
        Float(5.0),
        Float(5.0),
    ];
    assert_eq!(read.values[..10], expected);
    assert_eq!(read.values[11..], [Histogram, Histogram, Float(1e-3), Float(f64::INFINITY)]);
    assert_eq!(series(r#"{"x y"} 1"#).unwrap().labels.name(), Some("x y"));
    assert!(series("up 1y").is_err());
    assert!(series("up{a=b} 1").is_err());
}
