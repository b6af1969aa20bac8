//! Colours.

use tracing::Level;

use crate::config::variable;

/// Whether lines at a terminal are coloured: unless `NO_COLOR` is set to anything (<https://no-color.org>).
pub(crate) fn wants_colour(is_terminal: bool) -> bool {
    is_terminal && variable("NO_COLOR").map_or(true, |value| value.is_empty())
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
