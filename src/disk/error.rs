//! Why the disk cannot be used, and what to do about it.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What is in the way. See [`DiskError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiskErrorKind {
    /// The data directory, or something above it, is a file.
    NotADirectory,
    /// Another process has the data directory.
    Locked,
    /// This process may not read or write there.
    Forbidden,
    /// The file system is mounted read-only.
    ReadOnly,
    /// The disk, or the quota, is full.
    Full,
    /// Anything else that the operating system or the database says.
    Failed,
}

/// A file in the data directory cannot be read or written. The process can go on in memory.
///
/// The message names the path and what to do.
#[derive(Debug)]
pub struct DiskError {
    kind: DiskErrorKind,
    path: PathBuf,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl DiskError {
    /// What is in the way.
    #[must_use]
    pub fn kind(&self) -> DiskErrorKind {
        self.kind
    }

    /// What could not be used.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn locked(path: &Path) -> Self {
        Self { kind: DiskErrorKind::Locked, path: path.to_owned(), source: None }
    }

    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => DiskErrorKind::NotADirectory,
            io::ErrorKind::PermissionDenied => DiskErrorKind::Forbidden,
            io::ErrorKind::ReadOnlyFilesystem => DiskErrorKind::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                DiskErrorKind::Full
            }
            _ => DiskErrorKind::Failed,
        };
        Self { kind, path: path.to_owned(), source: Some(Box::new(error)) }
    }

    pub(crate) fn database(path: &Path, error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => Self::io(path, error),
            redb::Error::DatabaseAlreadyOpen => Self::locked(path),
            error => {
                Self { kind: DiskErrorKind::Failed, path: path.to_owned(), source: Some(Box::new(error)) }
            }
        }
    }
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.kind {
            DiskErrorKind::NotADirectory => {
                write!(f, "{path} is not a directory, or is below a file; give a directory of its own")?;
            }
            DiskErrorKind::Locked => write!(
                f,
                "{path} is in use by another process; give each instance a data directory of its own"
            )?,
            DiskErrorKind::Forbidden => {
                write!(f, "{path} may not be read or written; make the user of this process its owner")?;
            }
            DiskErrorKind::ReadOnly => {
                write!(f, "{path} is on a read-only file system; give a directory on a writable volume")?;
            }
            DiskErrorKind::Full => {
                write!(f, "{path} cannot grow; free space on its disk, or raise the quota or limit")?;
            }
            DiskErrorKind::Failed => {
                write!(f, "{path} cannot be used; look at its disk, or give another data directory")?;
            }
        }
        self.source.as_ref().map_or(Ok(()), |source| write!(f, " ({source})"))
    }
}

impl Error for DiskError {
    // The message has the source in it already.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        None
    }
}
