//! A text as PromQL writes it, so that what is shown can be pasted into a query.

use std::fmt::{self, Write as _};

/// A text in double quotes, with the escapes of Go, which PromQL reads. Rust's own (`\u{200b}`) it does not.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for char in self.0.chars() {
            match char {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '\x07' => f.write_str("\\a")?,
                '\x08' => f.write_str("\\b")?,
                '\x0b' => f.write_str("\\v")?,
                '\x0c' => f.write_str("\\f")?,
                ascii if ascii.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(ascii))?,
                hidden if is_hidden(hidden) && u32::from(hidden) > 0xffff => {
                    write!(f, "\\U{:08x}", u32::from(hidden))?;
                }
                hidden if is_hidden(hidden) => write!(f, "\\u{:04x}", u32::from(hidden))?,
                shown => f.write_char(shown)?,
            }
        }
        f.write_char('"')
    }
}

/// Whether a character cannot be seen on its own. The standard library says so only by what it escapes.
fn is_hidden(char: char) -> bool {
    let mut escaped = char.escape_debug();
    (escaped.next(), escaped.next()) == (Some('\\'), Some('u'))
}
