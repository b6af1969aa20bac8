//! The value of a string: the escapes are those of Go.

use crate::promql::ast::Span;
use crate::promql::fault::Fault;

/// The value of a string with its quotes, which stands at `start`.
pub(crate) fn unquote(quoted: &str, start: usize) -> Result<String, Fault> {
    let quote = quoted.as_bytes()[0];
    let inner = &quoted[1..quoted.len() - 1];
    if quote == b'`' || !inner.contains('\\') {
        return Ok(inner.to_owned());
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut at = 0;
    while let Some(next) = inner[at..].find('\\') {
        let escape = at + next;
        bytes.extend_from_slice(&inner.as_bytes()[at..escape]);
        let length = one_escape(&inner[escape..], quote, &mut bytes).map_err(|wrong| {
            let begin = start + 1 + escape;
            let length = inner[escape + 1..].chars().next().map_or(1, |letter| 1 + letter.len_utf8());
            Fault::new(Span { start: begin, end: begin + length }, wrong)
        })?;
        at = escape + length;
    }
    bytes.extend_from_slice(&inner.as_bytes()[at..]);
    String::from_utf8(bytes).map_err(|_| {
        let span = Span { start, end: start + quoted.len() };
        Fault::new(
            span,
            "the string is not UTF-8, and so no label name and no label value can be equal to it",
        )
    })
}

/// Appends what an escape stands for; its length.
fn one_escape(text: &str, quote: u8, bytes: &mut Vec<u8>) -> Result<usize, String> {
    let Some(&letter) = text.as_bytes().get(1) else {
        return Err("escape sequence not terminated".into());
    };
    let simple = match letter {
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'\\' => b'\\',
        letter if letter == quote => quote,
        b'0'..=b'7' => return byte_escape(text, 1, 3, 8, bytes),
        b'x' => return byte_escape(text, 2, 2, 16, bytes),
        b'u' => return character_escape(text, 4, bytes),
        b'U' => return character_escape(text, 8, bytes),
        _ => {
            let letter = text[1..].chars().next().unwrap_or_default();
            return Err(format!("unknown escape sequence \\{letter}"));
        }
    };
    bytes.push(simple);
    Ok(2)
}

fn byte_escape(
    text: &str,
    from: usize,
    digits: usize,
    radix: u32,
    bytes: &mut Vec<u8>,
) -> Result<usize, String> {
    let byte = u8::try_from(value(text, from, digits, radix)?)
        .map_err(|_| "escape sequence is an invalid Unicode code point".to_owned())?;
    bytes.push(byte);
    Ok(from + digits)
}

fn character_escape(text: &str, digits: usize, bytes: &mut Vec<u8>) -> Result<usize, String> {
    let character = char::from_u32(value(text, 2, digits, 16)?)
        .ok_or_else(|| "escape sequence is an invalid Unicode code point".to_owned())?;
    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(2 + digits)
}

fn value(text: &str, from: usize, digits: usize, radix: u32) -> Result<u32, String> {
    let mut value = 0_u32;
    let mut letters = text[from..].chars();
    for _ in 0..digits {
        let letter = letters.next().ok_or("escape sequence not terminated")?;
        let digit = letter
            .to_digit(radix)
            .ok_or_else(|| format!("illegal character {letter:?} in escape sequence"))?;
        // Eight hexadecimal digits fill 32 bits.
        value = value * radix + digit;
    }
    Ok(value)
}
