//! What keeps a watch from starting.

use std::fmt;

/// What keeps a [`Watch`](crate::Watch) from starting: every problem at once, each with its field and the mend.
///
/// `Debug` says the same as `Display`, since that is what `main` prints of an error.
#[derive(Clone, PartialEq, Eq)]
pub struct StartError {
    problems: Vec<Problem>,
}

/// One setting that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    field: &'static str,
    message: String,
}

impl Problem {
    /// The method of the builder that was given it.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong with it, and what to do about that.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl StartError {
    /// The problems: first what a single call was given, in the order of the calls, then what only shows when all
    /// is said.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tower-watch cannot start")?;
        for Problem { field, message } in &self.problems {
            write!(f, "\n  {field}: {message}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for StartError {}

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a problem.
    pub(crate) fn add(&mut self, field: &'static str, message: impl fmt::Display) {
        self.0.push(Problem { field, message: message.to_string() });
    }

    /// The value, or a note of why there is none.
    pub(crate) fn ok<T, E: fmt::Display>(&mut self, field: &'static str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error)).ok()
    }

    /// Whether nothing was noted.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that was noted.
    pub(crate) fn into_error(self) -> StartError {
        StartError { problems: self.0 }
    }
}
