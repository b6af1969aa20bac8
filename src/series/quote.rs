//! A text as PromQL writes it, so that what is shown can be pasted into a query.

use std::fmt;

/// A text in double quotes, with the escapes of Go, which PromQL reads. Rust's own (`\u{200b}`) it does not.
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
