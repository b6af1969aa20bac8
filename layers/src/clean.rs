//! The texts of strangers, as spans and log lines show them.

use std::borrow::Cow;

/// The longest text of a stranger that is shown where nobody says otherwise, in bytes.
pub(crate) const LONGEST: usize = 1_024;

/// A text as it can be shown: UTF-8, at most `limit` bytes, without control characters, escape sequences of terminals, and
/// characters that turn the direction of writing or break a line. `truncated` is counted up where it was cut.
///
/// Costs a look at each byte; copies only where something has to go.
pub(crate) fn clean<'a>(value: &'a [u8], limit: usize, truncated: &mut u64) -> Cow<'a, str> {
    let kept = match value.get(..limit) {
        Some(kept) if kept.len() < value.len() => {
            *truncated += 1;
            kept
        }
        _ => value,
    };
    if kept.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return String::from_utf8_lossy(kept);
    }
    let text = String::from_utf8_lossy(kept);
    let text = if kept.len() < value.len() {
        // The character that the cut went through.
        text.trim_end_matches(char::REPLACEMENT_CHARACTER)
    } else {
        &*text
    };
    let mut shown = strip(text);
    // What is not UTF-8 grows when it is replaced.
    if shown.len() > limit {
        let end = (0..=limit).rev().find(|end| shown.is_char_boundary(*end)).unwrap_or(0);
        shown.truncate(end);
        *truncated += u64::from(kept.len() == value.len());
    }
    Cow::Owned(shown)
}

fn strip(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        match next {
            ESCAPE => match rest.clone().next() {
                Some('[') => {
                    rest.next();
                    skip_control_sequence(&mut rest);
                }
                Some(']' | 'P' | 'X' | '^' | '_') => skip_string(&mut rest),
                _ => {}
            },
            CONTROL_SEQUENCE => skip_control_sequence(&mut rest),
            next if next.is_control() || is_layout(next) => {}
            next => shown.push(next),
        }
    }
    shown
}

const ESCAPE: char = '\u{1b}';
const CONTROL_SEQUENCE: char = '\u{9b}';
const BELL: char = '\u{7}';
const STRING_END: char = '\u{9c}';

/// Goes behind the letter that ends a sequence like `[31m`.
fn skip_control_sequence(rest: &mut std::str::Chars<'_>) {
    while rest.clone().next().is_some_and(|next| matches!(next, ' '..='?')) {
        rest.next();
    }
    if rest.clone().next().is_some_and(|next| matches!(next, '@'..='~')) {
        rest.next();
    }
}

/// Goes behind a text that is meant for the terminal itself, as its title is.
fn skip_string(rest: &mut std::str::Chars<'_>) {
    while let Some(next) = rest.next() {
        match next {
            BELL | STRING_END => return,
            ESCAPE => {
                if rest.clone().next() == Some('\\') {
                    rest.next();
                }
                return;
            }
            _ => {}
        }
    }
}

/// Whether it breaks a line or turns the direction of writing.
fn is_layout(character: char) -> bool {
    matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::clean;

    fn shown(value: impl AsRef<[u8]>) -> String {
        clean(value.as_ref(), 64, &mut 0).into_owned()
    }

    #[test]
    fn what_is_plain_is_not_copied() {
        assert!(matches!(clean(b"curl/8.5.0", 64, &mut 0), Cow::Borrowed("curl/8.5.0")));
    }

    #[test]
    fn lines_cannot_be_forged() {
        assert_eq!(shown("curl\r\n2026-01-01 ERROR forged"), "curl2026-01-01 ERROR forged");
        assert_eq!(shown("a\u{2028}b\u{85}c\u{b}d\0e\u{7f}f\tg"), "abcdefg");
        assert_eq!(shown("user\u{202e}nimda\u{2066}x\u{200f}"), "usernimdax");
    }

    #[test]
    fn terminals_get_no_orders() {
        assert_eq!(shown("\u{1b}[31mred\u{1b}[0m"), "red");
        assert_eq!(shown("\u{9b}1;31mred"), "red");
        assert_eq!(shown("\u{1b}]0;a title\u{7}text"), "text");
        assert_eq!(shown("\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\"), "link");
        assert_eq!(shown("\u{1b}]never ended"), "");
        assert_eq!(shown("\u{1b}["), "");
        assert_eq!(shown("\u{1b}"), "");
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(shown(b"caf\xe9"), "caf\u{fffd}");
    }

    #[test]
    fn a_cut_goes_through_no_character_and_is_counted() {
        for limit in 0..=12 {
            let mut truncated = 0;
            let text = clean("a\u{e9}\u{20ac}\u{1d11e}bc".as_bytes(), limit, &mut truncated);
            assert!(text.len() <= limit, "{limit}: {text:?}");
            assert!("a\u{e9}\u{20ac}\u{1d11e}bc".starts_with(&*text), "{limit}: {text:?}");
            assert_eq!(truncated, u64::from(limit < 12), "{limit}");
        }
        let mut truncated = 0;
        assert!(clean(&[0xff; 60], 64, &mut truncated).len() <= 64);
        assert_eq!(truncated, 1, "what was replaced has grown");
    }
}
