//! What must not be shown.

use std::fmt;
use std::path::PathBuf;

/// A value that is not shown: itself, or the file that it is read from each time it is needed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Secret {
    /// As it was given.
    Value(String),
    /// In a file, whose last line end is not part of it. Read at each use, so that it can be changed without a restart.
    File(PathBuf),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("<secret>"),
            Self::File(path) => write!(f, "<secret in {}>", path.display()),
        }
    }
}
