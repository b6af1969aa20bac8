//! One database file, and the lock beside it.

use std::fs;
use std::path::{Path, PathBuf};

use redb::Database;

use crate::disk::aside::set_aside;
use crate::disk::database::{self, Fault, Schema};
use crate::disk::directory::Directory;
use crate::disk::{DiskError, SetAside};

/// The place of a database in a data directory that is ours while this lives.
#[derive(Debug)]
pub(crate) struct DatabaseFile {
    schema: &'static Schema,
    path: PathBuf,
    directory: Directory,
}

impl DatabaseFile {
    /// Takes the place; makes the directory where it is not there. The database is not opened yet.
    pub(crate) fn claim(directory: &Path, schema: &'static Schema) -> Result<Self, DiskError> {
        let directory = Directory::open(directory, schema.lock)?;
        let path = directory.file(schema.file);
        Ok(Self { schema, path, directory })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the database, or makes it; one that cannot be read is set aside.
    pub(crate) fn open(&self) -> Result<(Database, Option<SetAside>), DiskError> {
        let io = |error| DiskError::io(&self.path, error);
        let unfinished = self.directory.unfinished().map_err(io)?;
        let patience = self.schema.patience;
        let opened = if unfinished >= patience && fs::symlink_metadata(&self.path).is_ok() {
            Err(Fault::Unreadable(format!("opening it ended the process {patience} times in a row")))
        } else {
            self.directory.set_unfinished(unfinished + 1).map_err(io)?;
            database::open(&self.path, self.schema)
        };
        self.directory.set_unfinished(0).map_err(io)?;
        let reason = match opened {
            Ok(database) => return Ok((database, None)),
            Err(Fault::Disk(error)) => return Err(error),
            Err(Fault::Unreadable(reason)) => reason,
        };
        let set_aside = set_aside(&self.path, reason).map_err(io)?;
        match database::open(&self.path, self.schema) {
            Ok(database) => Ok((database, Some(set_aside))),
            Err(Fault::Disk(error)) => Err(error),
            Err(Fault::Unreadable(reason)) => Err(io(std::io::Error::other(reason))),
        }
    }
}
