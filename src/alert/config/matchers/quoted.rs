//! The reader of 0.27: any name, in quotes where it is more than a word.

use crate::alert::config::matchers::matcher::{Part, operator, shown};

pub(super) fn parse(text: &str) -> Result<Vec<Part>, String> {
    let all = text.trim();
    let inner = match (all.strip_prefix('{'), all.strip_suffix('}')) {
        (Some(_), Some(_)) if all.len() > 1 => &all[1..all.len() - 1],
        (None, None) => all,
        (Some(_), _) => return Err(format!("{}: a brace is not closed; add }} at the end", shown(all))),
        (None, Some(_)) => return Err(format!("{}: a brace is not opened; add {{ at the start", shown(all))),
    };
    let mut parts = Vec::new();
    let mut rest = inner.trim_start();
    while !rest.is_empty() {
        let (name, after) = word(rest, all)?;
        let (op, after) = operator(after.trim_start()).ok_or_else(|| {
            format!("{}: after the label {} there is no =, !=, =~ or !~; add one", shown(all), shown(&name))
        })?;
        let (value, after) = word(after.trim_start(), all)?;
        parts.push(Part { name, op, value });
        rest = after.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if rest.is_empty() => rest,
            None => return Err(format!("{}: between two matchers there is no comma; add it", shown(all))),
        };
    }
    Ok(parts)
}

/// A word, or a text in quotes, and what is behind it.
fn word<'t>(text: &'t str, all: &str) -> Result<(String, &'t str), String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let is_reserved = |letter: char| letter.is_whitespace() || "{}!=~,\\\"'`".contains(letter);
        let (word, rest) = text.split_at(text.find(is_reserved).unwrap_or(text.len()));
        return match word.is_empty() {
            true => Err(format!("{}: a label or a value is missing; write label=\"value\"", shown(all))),
            false => Ok((word.to_owned(), rest)),
        };
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &quoted[at + 1..])),
            '\\' => {
                let escaped = escape(&mut letters).ok_or_else(|| {
                    let known = "write one of \\\\ \\\" \\n \\t \\r \\xHH \\uHHHH";
                    format!("{}: an escape that there is not; {known}", shown(all))
                })?;
                value.push(escaped);
            }
            '\n' => return Err(format!("{}: a line ends inside of quotes; write \\n", shown(all))),
            other => value.push(other),
        }
    }
    Err(format!("{}: a quote is not closed; add \" at its end", shown(all)))
}

/// What stands for the letters after a `\`.
fn escape(letters: &mut std::str::CharIndices<'_>) -> Option<char> {
    let (_, kind) = letters.next()?;
    let mut code = |digits: usize| {
        let text: String = letters.by_ref().take(digits).map(|(_, digit)| digit).collect();
        (text.len() == digits).then(|| u32::from_str_radix(&text, 16).ok()).flatten().and_then(char::from_u32)
    };
    match kind {
        'a' => Some('\u{7}'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\u{b}'),
        '\\' | '"' => Some(kind),
        // Above 7f it would be half of a letter.
        'x' => code(2).filter(char::is_ascii),
        'u' => code(4),
        'U' => code(8),
        _ => None,
    }
}
