//! Quoted strings.

use std::fmt::Write as _;

/// As `%q` writes it: in double quotes, with escapes for what cannot be seen.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        escape(char, '"', &mut out);
    }
    out.push('"');
    out
}

/// As `%q` writes a character.
pub(crate) fn quote_char(char: char) -> String {
    let mut out = String::from("'");
    escape(char, '\'', &mut out);
    out.push('\'');
    out
}

fn escape(char: char, mark: char, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = match char {
        '\\' => out.write_str("\\\\"),
        _ if char == mark => write!(out, "\\{char}"),
        '\u{7}' => out.write_str("\\a"),
        '\u{8}' => out.write_str("\\b"),
        '\u{c}' => out.write_str("\\f"),
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        '\u{b}' => out.write_str("\\v"),
        _ if char.is_ascii_control() => write!(out, "\\x{:02x}", u32::from(char)),
        _ if hidden(char) => match u32::from(char) {
            code @ 0..=0xffff => write!(out, "\\u{code:04x}"),
            code => write!(out, "\\U{code:08x}"),
        },
        _ => out.write_char(char),
    };
}

/// Controls, spaces other than the one, and what only directs how others are shown.
fn hidden(char: char) -> bool {
    char.is_control()
        || (char.is_whitespace() && char != ' ')
        || matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
