//! Colours.

use tracing::Level;

use crate::config::Lookup;

/// Whether lines at a terminal are coloured: unless `NO_COLOR` is set to anything (<https://no-color.org>).
pub(crate) fn wants_colour(is_terminal: bool, lookup: Lookup<'_>) -> bool {
    is_terminal && lookup("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// What a part of a line looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ink {
    Faint,
    Of(Level),
}

/// Appends a text that has no control characters in it, in colour where there are colours.
pub(crate) fn push_painted(out: &mut String, colour: bool, ink: Ink, text: &str) {
    if !colour {
        return out.push_str(text);
    }
    let code = match ink {
        Ink::Faint => "\x1b[2m",
        Ink::Of(Level::ERROR) => "\x1b[1;31m",
        Ink::Of(Level::WARN) => "\x1b[33m",
        Ink::Of(Level::INFO) => "\x1b[32m",
        Ink::Of(Level::DEBUG) => "\x1b[34m",
        Ink::Of(Level::TRACE) => "\x1b[35m",
    };
    out.extend([code, text, "\x1b[0m"]);
}

#[cfg(test)]
mod tests {
    use super::wants_colour;

    #[test]
    fn colours_are_for_terminals_whose_owner_did_not_decline_them() {
        let with = |is_terminal: bool, said: Option<&str>| {
            wants_colour(is_terminal, &|name| said.filter(|_| name == "NO_COLOR").map(ToOwned::to_owned))
        };
        assert!(with(true, None));
        assert!(with(true, Some("")), "empty is as good as unset");
        for said in ["1", "0", "false", " "] {
            assert!(!with(true, Some(said)), "{said:?}");
        }
        assert!(!with(false, None));
    }
}
