//! From a text to matchers.

use crate::alert::config::matchers::{classic, quoted};
use crate::series::{MatchOp, Matcher};

/// Reads the matchers of a text; none of an empty one.
///
/// # Errors
///
/// What is no list of matchers, with how to write one; a regular expression that cannot be.
pub fn parse_matchers(text: &str) -> Result<Vec<Matcher>, String> {
    let parts = match classic::parse(text) {
        Ok(parts) => parts,
        Err(classic) => {
            quoted::parse(text).map_err(|quoted| match text.trim_start().starts_with(['"', '{']) {
                true => quoted,
                false => classic,
            })?
        }
    };
    parts.into_iter().map(|part| matcher(part.name, part.op, part.value)).collect()
}

/// A matcher of parts.
///
/// # Errors
///
/// A name that is empty, or a regular expression that cannot be.
pub(crate) fn matcher(name: String, op: MatchOp, value: String) -> Result<Matcher, String> {
    if name.is_empty() {
        return Err("the label's name is empty; write one".to_owned());
    }
    Matcher::new(name, op, value).map_err(|error| error.to_string())
}

/// `name op value`, read but not compiled.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) op: MatchOp,
    pub(super) value: String,
}

/// The operator that a text begins with, and what is behind it.
pub(super) fn operator(text: &str) -> Option<(MatchOp, &str)> {
    const OPERATORS: [MatchOp; 4] = [MatchOp::Regex, MatchOp::NotRegex, MatchOp::NotEqual, MatchOp::Equal];
    OPERATORS.iter().find_map(|op| text.strip_prefix(op.as_str()).map(|rest| (*op, rest)))
}

/// A text as a message shows it: not too long.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}...`", &text[..end]),
        None => format!("`{text}`"),
    }
}
