//! What a selector asks of one label.

use std::fmt;

use regex::Regex;

use crate::series::Quoted;
use crate::series::dialect;
use crate::series::pattern::Pattern;

/// The most memory that one compiled expression may take.
const REGEX_SIZE: usize = 1 << 20;

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

impl MatchOp {
    /// The operator as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }
}

/// A condition on one label. A label that a series does not have counts as empty.
#[derive(Clone, Debug)]
pub struct Matcher {
    name: String,
    op: MatchOp,
    value: String,
    pattern: Option<Pattern>,
}

/// A regular expression that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatcherError {
    pattern: String,
    reason: String,
}

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the regular expression {:?} cannot be used: {}", self.pattern, self.reason)
    }
}

impl std::error::Error for MatcherError {}

impl Matcher {
    /// Compiles a matcher. A regular expression is matched against the whole value, and its `.` also against a
    /// newline, as in Prometheus, whose dialect it is in (Go's). It is run in time linear in the value, whatever it is.
    ///
    /// # Errors
    ///
    /// A regular expression that cannot be read, or would take more than 1 MiB compiled.
    pub fn new(name: impl Into<String>, op: MatchOp, value: impl Into<String>) -> Result<Self, MatcherError> {
        let (name, value) = (name.into(), value.into());
        let pattern = match (op, Pattern::simple(&value)) {
            (MatchOp::Equal | MatchOp::NotEqual, _) => None,
            (MatchOp::Regex | MatchOp::NotRegex, Some(simple)) => Some(simple),
            (MatchOp::Regex | MatchOp::NotRegex, None) => Some(Pattern::Regex(anchored(&value)?)),
        };
        Ok(Self { name, op, value, pattern })
    }

    /// `name="value"`.
    pub fn equal(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), op: MatchOp::Equal, value: value.into(), pattern: None }
    }

    /// The label's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is compared.
    #[must_use]
    pub fn op(&self) -> MatchOp {
        self.op
    }

    /// The value or the pattern, as it was given.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether it gives the metric's name.
    pub(crate) fn is_exact_name(&self) -> bool {
        self.op == MatchOp::Equal && self.name == "__name__"
    }

    /// Whether a label with this value passes.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        let found = || self.pattern.as_ref().is_some_and(|pattern| pattern.matches(value));
        match self.op {
            MatchOp::Equal => self.value == value,
            MatchOp::NotEqual => self.value != value,
            MatchOp::Regex => found(),
            MatchOp::NotRegex => !found(),
        }
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.op, &self.value) == (&other.name, other.op, &other.value)
    }
}

impl Eq for Matcher {}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.name, self.op.as_str(), Quoted(&self.value))
    }
}

/// A regular expression over a whole value, with the meaning that Prometheus gives it.
///
/// # Errors
///
/// As [`Matcher::new`].
pub(crate) fn anchored(pattern: &str) -> Result<Regex, MatcherError> {
    let error = |reason: String| MatcherError { pattern: pattern.to_owned(), reason };
    let translated = dialect::translated(pattern).map_err(|reason| error(reason.to_owned()))?;
    // On its own first: `a)(b` must not become right by what is put around it, and nor must an escape at the end. To
    // compile is most of what a short query costs, so it is done twice only where it could matter.
    if translated.contains(')') || translated.ends_with('\\') {
        regex::RegexBuilder::new(&translated)
            .size_limit(REGEX_SIZE)
            .build()
            .map_err(|fault| error(reason(&fault)))?;
    }
    regex::RegexBuilder::new(&format!("^(?s:{translated})$"))
        .size_limit(REGEX_SIZE)
        .build()
        .map_err(|fault| error(reason(&fault)))
}

/// The last line of what the parser says: the others draw the expression.
fn reason(fault: &regex::Error) -> String {
    match fault {
        regex::Error::CompiledTooBig(_) => "it would take more than 1 MiB compiled; make it simpler".into(),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or("").trim();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    }
}
