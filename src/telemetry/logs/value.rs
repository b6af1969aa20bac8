//! A value as text: bounded, and whatever its `Debug` does.

use std::error::Error;
use std::fmt::{self, Write};
use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What stands at the end of a value that was longer than its limit.
pub(crate) const CUT: &str = "…[cut]";

/// What stands in the place of a value whose `Debug` or `Display` panicked.
const PANICKED: &str = "[panicked while it was formatted]";

/// Appends what `format` writes, up to `limit` bytes; whether that is not all of it. A value that goes on is stopped by an
/// error at its next write, so that a long one costs no more than a short one; one that panics is replaced.
pub(crate) fn push_bounded(
    out: &mut String,
    limit: usize,
    format: impl FnOnce(&mut Bounded<'_>) -> fmt::Result,
) -> bool {
    let start = out.len();
    let mut bounded = Bounded { out, left: limit, is_cut: false };
    match catch_unwind(AssertUnwindSafe(|| format(&mut bounded))) {
        // An error that is not ours is the value's own; what there is of it is shown.
        Ok(_) => bounded.is_cut,
        Err(_) => {
            out.truncate(start);
            out.push_str(PANICKED);
            false
        }
    }
}

/// Takes a value up to a limit.
pub(crate) struct Bounded<'a> {
    out: &'a mut String,
    left: usize,
    is_cut: bool,
}

impl Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.is_cut {
            return Err(fmt::Error);
        }
        let (kept, is_cut) = shortened(text, self.left);
        self.out.push_str(kept);
        self.left -= kept.len();
        self.is_cut = is_cut;
        if is_cut { Err(fmt::Error) } else { Ok(()) }
    }
}

/// At most `limit` bytes of a text, whole characters; whether that is less than all of it.
pub(crate) fn shortened(text: &str, limit: usize) -> (&str, bool) {
    if text.len() <= limit {
        return (text, false);
    }
    let end = (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    (&text[..end], true)
}

/// A chain that is longer may have no end.
const MOST_CAUSES: usize = 16;

/// The errors behind an error.
pub(crate) fn causes<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let next = |cause: &&'e (dyn Error + 'static)| (*cause).source();
    iter::successors(error.source(), next).take(MOST_CAUSES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_cut_between_characters() {
        assert_eq!(shortened("aü", 2), ("a", true));
        assert_eq!(shortened("aü", 3), ("aü", false));
        let mut out = "> ".to_owned();
        let ten = |value: &mut Bounded<'_>| (0..10).try_for_each(|number| write!(value, "{number}"));
        assert!(push_bounded(&mut out, 3, ten) && out == "> 012", "{out}");
        assert!(!push_bounded(&mut out, 10, ten) && out == "> 0120123456789", "{out}");
    }
}
