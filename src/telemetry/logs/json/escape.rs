//! A text as a JSON string.

use std::fmt::Write;

/// Appends a text, escaped, without the quotes around it.
///
/// Beyond what JSON demands, DEL, the control characters of Latin-1 and the two separators of lines are escaped: a terminal
/// that shows the line obeys none of them, and a reader that splits at them does not.
pub(crate) fn push_escaped(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = bytes[at..].iter().position(|byte| IS_SPECIAL[usize::from(*byte)]) {
        at += found;
        let (length, code) = match bytes[at..] {
            [0xc2, next @ 0x80..=0x9f, ..] => (2, u32::from(next)),
            [0xe2, 0x80, last @ (0xa8 | 0xa9), ..] => (3, 0x2000 + u32::from(last) - 0x80),
            [0xc2 | 0xe2, ..] => {
                at += 1;
                continue;
            }
            [byte, ..] => (1, u32::from(byte)),
            [] => break,
        };
        out.push_str(&text[copied..at]);
        push_code(out, code);
        at += length;
        copied = at;
    }
    out.push_str(&text[copied..]);
}

/// Appends a text as a JSON string.
pub(crate) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    push_escaped(out, text);
    out.push('"');
}

fn push_code(out: &mut String, code: u32) {
    match code {
        0x22 => out.push_str("\\\""),
        0x5c => out.push_str("\\\\"),
        0x0a => out.push_str("\\n"),
        0x0d => out.push_str("\\r"),
        0x09 => out.push_str("\\t"),
        // Writing into a string does not fail.
        _ => _ = write!(out, "\\u{code:04x}"),
    }
}

/// Bytes that are escaped, or begin a character that may be.
const IS_SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        special[byte] = true;
        byte += 1;
    }
    special[b'"' as usize] = true;
    special[b'\\' as usize] = true;
    special[0x7f] = true;
    special[0xc2] = true;
    special[0xe2] = true;
    special
};

#[cfg(test)]
mod tests {
    use super::push_escaped;

    #[test]
    fn what_would_be_obeyed_is_escaped() {
        let escaped = |text| {
            let mut out = String::new();
            push_escaped(&mut out, text);
            out
        };
        assert_eq!(escaped("a\"b\\c\nd\re\tf\0g"), r#"a\"b\\c\nd\re\tf\u0000g"#);
        assert_eq!(escaped("\x1b[31m\x7f"), r"\u001b[31m\u007f");
        assert_eq!(escaped("\u{9b}31m\u{2028}\u{2029}"), r"\u009b31m\u2028\u2029");
        assert_eq!(escaped("£ € “ü” \u{a0}🦀"), "£ € “ü” \u{a0}🦀");
    }
}
