//! The order in which changes reach the disk.
//!
//! What is decided under the core's lock is noted there, in its order, and committed when that lock is free again: so nobody
//! who only reads waits for the disk, and a later change is never overwritten by an earlier one. Whoever comes to commit takes
//! along what others have noted meanwhile, and waits for what others are committing.

use std::sync::{Arc, Mutex, PoisonError};

use crate::alert::engine::replication::Replication;
use crate::alert::state::{Disk, Writes};

/// Changes on their way to the disk.
#[derive(Debug)]
pub(crate) struct Journal {
    noted: Mutex<Writes>,
    /// Where replicas share some of it.
    replication: Option<Arc<Replication>>,
    /// Locked for as long as a commit takes.
    disk: Mutex<Disk>,
}

impl Journal {
    pub(crate) fn new(disk: Disk, replication: Option<Arc<Replication>>) -> Self {
        Self { noted: Mutex::default(), replication, disk: Mutex::new(disk) }
    }

    /// Notes changes; to be called where they were made, under the lock that orders them.
    pub(crate) fn note(&self, writes: Writes) {
        if let Some(replication) = &self.replication {
            replication.note(&writes);
        }
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).0.extend(writes.0);
    }

    /// Lets go of the file, for the next process; what comes now is kept nowhere.
    pub(crate) fn close(&self) {
        self.commit();
        *self.disk.lock().unwrap_or_else(PoisonError::into_inner) = Disk::nowhere();
    }

    /// Returns when all that was noted before is durable, or is kept by the disk for another try.
    pub(crate) fn commit(&self) {
        let disk = self.disk.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = std::mem::take(&mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner));
        if !noted.is_empty() {
            disk.commit(noted);
        }
    }
}
