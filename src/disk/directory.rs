//! The data directory: made where it is not there, and each of its databases had by one process at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::disk::DiskError;

/// A data directory in which one database is ours while this lives.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    /// Locked by the operating system, which unlocks it when the process ends in any way.
    lock: File,
}

impl Directory {
    pub(crate) fn open(path: &Path, lock: &str) -> Result<Self, DiskError> {
        create(path).map_err(|error| DiskError::io(path, error))?;
        let lock_path = path.join(lock);
        let lock = private().open(&lock_path).map_err(|error| DiskError::io(&lock_path, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DiskError::locked(path)),
            // Some network file systems have no locks. Their users see to it that there is one process.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(DiskError::io(&lock_path, error)),
        }
        Ok(Self { path: path.to_owned(), lock })
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// How often opening has begun and not ended, in a row.
    pub(crate) fn unfinished(&self) -> io::Result<u64> {
        Ok(self.lock.metadata()?.len())
    }

    /// Notes how often opening has begun and not ended.
    pub(crate) fn set_unfinished(&self, times: u64) -> io::Result<()> {
        self.lock.set_len(times)
    }
}

/// Options for a file that only its owner reads: label values and annotations can be anything.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn create(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
