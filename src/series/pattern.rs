//! A regular expression as matchers have them, run without an engine where it is as simple as most are.
//!
//! To compile one takes tens of microseconds and kilobytes, and a file of a thousand rules has a thousand of them; nearly all
//! are like `5..`, `api|web`, `/orders/.*` and `.+`: characters, `.`, `.*` and `.+`, with `|` between. These are compared as
//! they stand.

use std::str::Chars;

use regex::Regex;

/// From so many alternatives on, an engine that looks at all of them at once is the faster one.
const MANY: usize = 32;

/// A regular expression over a whole value.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// The value is one of these.
    Simple(Box<[Box<[Part]>]>),
    Regex(Regex),
}

/// What comes next in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// This character.
    Char(char),
    /// Any one.
    One,
    /// Any number of any.
    Many,
}

impl Pattern {
    /// Reads what is simple enough; `None` where it is not, or is no regular expression at all.
    pub(crate) fn simple(text: &str) -> Option<Self> {
        let (mut branches, mut branch) = (Vec::new(), Vec::new());
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            match char {
                '|' => branches.push(std::mem::take(&mut branch).into_boxed_slice()),
                '.' => match chars.next_if(|next| matches!(next, '*' | '+')) {
                    Some('*') => branch.push(Part::Many),
                    Some(_) => branch.extend([Part::One, Part::Many]),
                    None => branch.push(Part::One),
                },
                '\\' => branch.push(Part::Char(chars.next_if(|next| matches!(next, '.' | '-' | '/'))?)),
                '^' | '$' | '(' | ')' | '[' | ']' | '{' | '}' => return None,
                plain => branch.push(Part::Char(plain)),
            }
            if chars.peek().is_some_and(|next| matches!(next, '*' | '+' | '?' | '{')) {
                return None;
            }
        }
        branches.push(branch.into_boxed_slice());
        let starts_with_a_count = text.starts_with(['*', '+', '?']);
        (branches.len() <= MANY && !starts_with_a_count).then(|| Self::Simple(branches.into()))
    }

    pub(crate) fn matches(&self, value: &str) -> bool {
        match self {
            Self::Simple(branches) => branches.iter().any(|parts| is_whole(parts, value)),
            Self::Regex(regex) => regex.is_match(value),
        }
    }
}

/// Whether the parts are all of the value. Where they are not, only the last [`Part::Many`] is given one character more:
/// what an earlier one could take, it can take too.
fn is_whole(parts: &[Part], value: &str) -> bool {
    let (mut at, mut rest) = (0, value.chars());
    let mut again: Option<(usize, Chars<'_>)> = None;
    loop {
        let is_next = match (parts.get(at), rest.clone().next()) {
            (None, None) => return true,
            (Some(Part::Many), _) => {
                again = Some((at + 1, rest.clone()));
                at += 1;
                continue;
            }
            (Some(Part::One), Some(_)) => true,
            (Some(Part::Char(wanted)), Some(found)) => *wanted == found,
            _ => false,
        };
        if is_next {
            at += 1;
            rest.next();
            continue;
        }
        let Some((after, from)) = &mut again else { return false };
        if from.next().is_none() {
            return false;
        }
        (at, rest) = (*after, from.clone());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_most_matchers_have_needs_no_engine() {
        for pattern in ["5..", "4..|5..", "api|web", "/orders/.*", ".+", ".*", "", "10\\.0\\.0\\.1:.+", "é.ü"]
        {
            assert!(Pattern::simple(pattern).is_some(), "{pattern}");
        }
        for pattern in
            ["a*", "(a)", "[a]", "a{2}", "^a", "a$", "\\d", "\\", ".*?", ".+*", ".{2}", "*", "|+", "a||*"]
        {
            assert!(Pattern::simple(pattern).is_none(), "{pattern}");
        }
        let many = (0..100).map(|number| number.to_string()).collect::<Vec<_>>().join("|");
        assert!(Pattern::simple(&many).is_none());
    }

    proptest! {
        #[test]
        fn it_is_the_regular_expression(pattern in "[ab|.*+\\\\\n-]{0,12}", values in prop::collection::vec("[ab.\n-]{0,8}", 20)) {
            if let Some(simple) = Pattern::simple(&pattern) {
                let regex = Regex::new(&format!("^(?s:{pattern})$")).unwrap();
                for value in values {
                    prop_assert_eq!(simple.matches(&value), regex.is_match(&value), "{:?} {:?}", pattern, value);
                }
            }
        }
    }
}
