//! The reader of before 0.27: names of ASCII, values with quotes or without.

use crate::alert::config::matchers::matcher::{Part, operator, shown};

pub(super) fn parse(text: &str) -> Result<Vec<Part>, String> {
    let text = text.strip_prefix('{').unwrap_or(text);
    let text = text.strip_suffix('}').unwrap_or(text);
    let mut pieces = pieces(text)?;
    // One comma at the end is allowed.
    if pieces.last().is_some_and(|last| last.is_empty()) {
        pieces.pop();
    }
    pieces.into_iter().map(part).collect()
}

/// What stands between commas that are not in quotes.
fn pieces(text: &str) -> Result<Vec<&str>, String> {
    let mut pieces = Vec::new();
    let (mut start, mut in_quotes, mut is_escaped) = (0, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            ',' if !in_quotes => {
                pieces.push(&text[start..at]);
                start = at + 1;
                continue;
            }
            '"' if !is_escaped => in_quotes = !in_quotes,
            '\\' if !is_escaped => {
                is_escaped = true;
                continue;
            }
            _ => {}
        }
        is_escaped = false;
    }
    if in_quotes {
        return Err(format!("{}: a quote is not closed; add \" at the end of the value", shown(text)));
    }
    pieces.push(&text[start..]);
    Ok(pieces)
}

fn part(piece: &str) -> Result<Part, String> {
    let bad = || {
        let form = "write label=\"value\", or !=, =~ or !~ in place of =";
        format!("{} is no matcher: {form}", shown(piece.trim()))
    };
    let piece = piece.trim();
    let is_in_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
    let (name, rest) = piece.split_at(piece.find(|letter| !is_in_name(letter)).ok_or_else(bad)?);
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(bad());
    }
    let (op, value) = operator(rest.trim_start()).ok_or_else(bad)?;
    Ok(Part { name: name.to_owned(), op, value: unquoted(value.trim(), piece)? })
}

fn unquoted(raw: &str, piece: &str) -> Result<String, String> {
    let (raw, mut is_open) = match raw.strip_prefix('"') {
        Some(raw) => (raw, true),
        None => (raw, false),
    };
    let mut value = String::with_capacity(raw.len());
    let mut letters = raw.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => value.push('\n'),
                Some(escaped @ ('"' | '\\')) => value.push(escaped),
                Some(other) => value.extend(['\\', other]),
                None => value.push('\\'),
            },
            '"' if is_open && letters.peek().is_none() => is_open = false,
            '"' => {
                return Err(format!("{}: a quote inside of the value; write it as \\\"", shown(piece)));
            }
            other => value.push(other),
        }
    }
    match is_open {
        true => Err(format!("{}: a quote is not closed; add \" at the end of the value", shown(piece))),
        false => Ok(value),
    }
}
