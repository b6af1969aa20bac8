//! One variable of the environment.

use std::env::{self, VarError};
use std::fmt;

/// A variable that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VariableError {
    /// Nobody set it.
    NotSet,
    /// It is set to bytes that are not UTF-8.
    NotText,
}

impl fmt::Display for VariableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSet => "is not set",
            Self::NotText => "is not UTF-8",
        })
    }
}

/// The value of a variable, an empty one included.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn variable(name: &str) -> Result<String, VariableError> {
    env::var(name).map_err(|error| match error {
        VarError::NotPresent => VariableError::NotSet,
        VarError::NotUnicode(_) => VariableError::NotText,
    })
}

/// Where variables are looked up: [`of_process`], or what a test says.
#[cfg(feature = "logs")]
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The value of a variable of the process. Bytes that are not UTF-8 become U+FFFD, which no variable accepts.
#[cfg(feature = "logs")]
#[expect(clippy::disallowed_methods, reason = "the other half of the one place that reads the environment")]
pub(crate) fn of_process(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}
