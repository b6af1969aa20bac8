//! Strings, names of labels and durations as Prometheus writes them.

use std::fmt;

use crate::promql::units::UNITS;

/// A string in double quotes, escaped as in Go.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for letter in self.0.chars() {
            match letter {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\u{7}' => f.write_str("\\a")?,
                '\u{8}' => f.write_str("\\b")?,
                '\u{c}' => f.write_str("\\f")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '\u{b}' => f.write_str("\\v")?,
                ' '..='~' => write!(f, "{letter}")?,
                '\0'..='\u{7f}' => write!(f, "\\x{:02x}", u32::from(letter))?,
                // The lexer takes it for a broken byte, as that of Prometheus does.
                char::REPLACEMENT_CHARACTER => f.write_str("\\ufffd")?,
                _ if printable(letter) => write!(f, "{letter}")?,
                '\0'..='\u{ffff}' => write!(f, "\\u{:04x}", u32::from(letter))?,
                _ => write!(f, "\\U{:08x}", u32::from(letter))?,
            }
        }
        f.write_str("\"")
    }
}

/// Whether a character beyond ASCII shows. A mark that combines with the letter before it does, so it is asked with
/// one.
fn printable(letter: char) -> bool {
    let mut text = String::from("a");
    text.push(letter);
    text.escape_debug().nth(1) == Some(letter)
}

/// A label's name: as it is if it is a word, and otherwise quoted.
pub(crate) struct LabelName<'a>(pub(crate) &'a str);

impl fmt::Display for LabelName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |letter: u8| letter == b'_' || letter.is_ascii_alphanumeric();
        let plain =
            self.0.bytes().all(word) && self.0.bytes().next().is_some_and(|first| !first.is_ascii_digit());
        if plain { f.write_str(self.0) } else { Quoted(self.0).fmt(f) }
    }
}

/// A duration in milliseconds: `1h30m`.
pub(crate) struct Duration(pub(crate) i64);

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let mut rest = self.0.unsigned_abs();
        for unit in UNITS {
            let size = unit.milliseconds.unsigned_abs();
            let count = rest / size;
            if count == 0 || (unit.whole && !rest.is_multiple_of(size)) {
                continue;
            }
            write!(f, "{count}{}", unit.name)?;
            rest %= size;
        }
        Ok(())
    }
}
