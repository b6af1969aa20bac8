//! The regular expressions of Prometheus (Go's), in the words of the `regex` crate.
//!
//! Most of the two languages is the same. What differs would make an expression from a dashboard fail, or (worse)
//! mean something else here: a `{` that repeats nothing stands for itself, so `/users/{id}` is what it looks like;
//! `\d`, `\w`, `\s` and `\b` know only ASCII; `\Q...\E` quotes; and a `[`, `&` or `~` inside a class is a character.

/// The same expression for the `regex` crate.
///
/// # Errors
///
/// What Go has no word for, where the `regex` crate would take it.
pub(crate) fn translated(pattern: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(char) = rest.chars().next() {
        let tail = &rest[char.len_utf8()..];
        rest = match char {
            '\\' => escape(tail, &mut out),
            '[' => class(tail, &mut out),
            '{' if !is_repetition(tail) => {
                out.push_str("\\{");
                tail
            }
            '(' => {
                check_flags(tail)?;
                out.push('(');
                tail
            }
            other => {
                out.push(other);
                tail
            }
        };
    }
    Ok(out)
}

/// Translates what follows a backslash outside of a class, and returns what is left.
fn escape<'p>(rest: &'p str, out: &mut String) -> &'p str {
    if let Some(quoted) = rest.strip_prefix('Q') {
        let (literal, rest) = quoted.split_once("\\E").unwrap_or((quoted, ""));
        out.push_str(&regex::escape(literal));
        return rest;
    }
    let Some(char) = rest.chars().next() else {
        out.push('\\');
        return rest;
    };
    if matches!(char, 'p' | 'P' | 'x')
        && let Some((name, rest)) = rest[1..].strip_prefix('{').and_then(|named| named.split_once('}'))
    {
        out.extend(['\\', char, '{']);
        out.push_str(name);
        out.push('}');
        return rest;
    }
    match char {
        'b' => out.push_str("(?-u:\\b)"),
        'B' => out.push_str("(?-u:\\B)"),
        other => escaped(other, out),
    }
    &rest[char.len_utf8()..]
}

/// What an escaped character stands for, in a class as well as outside of one.
fn escaped(char: char, out: &mut String) {
    match char {
        'd' => out.push_str("[0-9]"),
        'D' => out.push_str("[^0-9]"),
        'w' => out.push_str("[0-9A-Za-z_]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        's' => out.push_str("[\\t\\n\\f\\r ]"),
        'S' => out.push_str("[^\\t\\n\\f\\r ]"),
        // Borders of words in the `regex` crate.
        '<' | '>' => out.push(char),
        other => out.extend(['\\', other]),
    }
}

/// Translates a class from behind its `[` to its `]`, and returns what is left.
fn class<'p>(mut rest: &'p str, out: &mut String) -> &'p str {
    out.push('[');
    for first in ["^", "]"] {
        if let Some(tail) = rest.strip_prefix(first) {
            out.push_str(if first == "]" { "\\]" } else { first });
            rest = tail;
        }
    }
    while let Some(char) = rest.chars().next() {
        let tail = &rest[char.len_utf8()..];
        match char {
            ']' => {
                out.push(']');
                return tail;
            }
            '\\' => {
                let Some(char) = tail.chars().next() else {
                    out.push('\\');
                    return tail;
                };
                escaped(char, out);
                rest = &tail[char.len_utf8()..];
                continue;
            }
            '[' if tail.starts_with(':') && tail.contains(":]") => {
                let end = tail.find(":]").unwrap_or(0) + 2;
                out.push('[');
                out.push_str(&tail[..end]);
                rest = &tail[end..];
                continue;
            }
            '[' | '&' | '~' => out.extend(['\\', char]),
            other => out.push(other),
        }
        rest = tail;
    }
    rest
}

/// Whether what follows a `{` makes it say how often: `2}`, `2,}` or `2,3}`.
fn is_repetition(rest: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((inside, _)) = rest.split_once('}') else { return false };
    match inside.split_once(',') {
        Some((least, most)) => number(least) && (most.is_empty() || number(most)),
        None => number(inside),
    }
}

/// Refuses flags that Go does not know. One of them (`x`) would change how all that follows is read.
fn check_flags(rest: &str) -> Result<(), &'static str> {
    let Some(group) = rest.strip_prefix('?') else { return Ok(()) };
    let flags = group.split([':', ')', '<']).next().unwrap_or("");
    if flags.starts_with('P') || flags.chars().all(|flag| "imsU-".contains(flag)) {
        Ok(())
    } else {
        Err("a flag that Prometheus does not know; there are i, m, s and U")
    }
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn what_differs_is_said_in_the_other_words() {
        for (go, rust) in [
            ("/users/{id}", "/users/\\{id}"),
            ("a{2}b{2,}c{2,3}d{,3}{", "a{2}b{2,}c{2,3}d\\{,3}\\{"),
            ("\\d+", "[0-9]+"),
            ("[\\w-.]", "[[0-9A-Za-z_]-.]"),
            ("\\Qa.b\\E.", "a\\.b."),
            ("\\Qa.b", "a\\.b"),
            ("[a[&&~]", "[a\\[\\&\\&\\~]"),
            ("[[:alpha:]_]", "[[:alpha:]_]"),
            ("[]a]{", "[\\]a]\\{"),
            ("[^]a]", "[^\\]a]"),
            ("\\{\\\\[\\]{]", "\\{\\\\[\\]{]"),
            ("(?i:é){2}", "(?i:é){2}"),
            ("\\p{Greek}{2}\\x{10FFFF}[\\p{L}]\\pN", "\\p{Greek}{2}\\x{10FFFF}[\\p{L}]\\pN"),
        ] {
            assert_eq!(translated(go).as_deref(), Ok(rust), "{go}");
        }
        for (go, known) in [("(?P<n>a)(?<n>a)(?i)(?-s:a)(?:a)", true), ("(?x)a", false), ("(?i-u:a)", false)]
        {
            assert_eq!(translated(go).is_ok(), known, "{go}");
        }
    }
}
