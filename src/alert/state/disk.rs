//! The file.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use metrics::{Gauge, Key, Level, Metadata, Recorder, Unit};
use redb::{Database, ReadableDatabase, ReadableTable, TableError};
use serde::de::DeserializeOwned;

use crate::alert::state::pending::Pending;
use crate::alert::state::schema::SCHEMA;
use crate::alert::state::{Table, Write, Writes};
use crate::disk::{DatabaseFile, DiskError, SetAside, surviving};
use crate::registers::Registers;

/// A file up to this size is never compacted.
const SMALL: u64 = 16 << 20;

/// Nor is one that is at most so many times as large as its records.
const SLACK: u64 = 8;

/// Where records are kept: a file, or nowhere.
#[derive(Debug)]
pub(crate) struct Disk {
    /// `None` where nothing outlives the process.
    file: Option<Mutex<File>>,
    /// What was read elsewhere, in place of a file.
    records: Vec<Write>,
    available: Gauge,
}

#[derive(Debug)]
struct File {
    // Before its place, which is locked until the database is closed.
    /// `None` after an error: what is in the file is not known then, and it is opened anew.
    database: Option<Database>,
    place: DatabaseFile,
    /// What could not be written yet.
    pending: Pending,
    /// Whether the last commit failed, and so was said.
    failing: bool,
}

impl Disk {
    /// Nowhere: nothing outlives the process.
    pub(crate) fn nowhere() -> Self {
        Self { file: None, records: Vec::new(), available: Gauge::noop() }
    }

    /// These records, which were read elsewhere; what is written goes nowhere.
    pub(crate) fn holding(records: impl IntoIterator<Item = Write>) -> Self {
        Self { records: records.into_iter().collect(), ..Self::nowhere() }
    }

    /// The file in this directory, made where there is none. One that cannot be read is set aside, with a line in the log.
    ///
    /// # Errors
    ///
    /// The directory cannot be made or used, another process has it, or its disk does not work.
    pub(crate) fn open(directory: &Path) -> Result<Self, DiskError> {
        let place = DatabaseFile::claim(directory, &SCHEMA)?;
        let (database, set_aside) = place.open()?;
        say_set_aside(set_aside.as_ref());
        let compact = || compacted(database, place.path());
        let database = Some(surviving(place.path(), compact)?);
        let file = File { database, place, pending: Pending::default(), failing: false };
        Ok(Self { file: Some(Mutex::new(file)), ..Self::nowhere() })
    }

    /// The file in this directory, or nowhere: without a directory, or with a warning where it cannot be used. The gauge
    /// `tower_watch_alert_state_available` says which.
    pub(crate) fn open_or_nowhere(directory: Option<&Path>, registers: &Registers) -> Self {
        let opened = directory.map(Self::open).transpose().unwrap_or_else(|error| {
            tracing::warn!("alerts are kept in memory only, and a restart forgets them: {error}");
            None
        });
        let mut disk = opened.unwrap_or_else(Self::nowhere);
        disk.available = availability(registers);
        disk.available.set(if disk.file.is_some() { 1.0 } else { 0.0 });
        disk
    }

    /// All records of a table, by key. One that cannot be read is left out, with a line in the log.
    pub(crate) fn load<T: DeserializeOwned>(&self, table: Table) -> Vec<(String, T)> {
        let held = || {
            let of_table = self.records.iter().filter(|write| write.table == table);
            of_table.filter_map(|write| Some((write.key.clone(), write.record.clone()?))).collect()
        };
        let found = self.file().map_or_else(held, |mut file| file.read(table));
        let mut unreadable = 0u64;
        let mut records = Vec::new();
        for (key, bytes) in found {
            match serde_json::from_slice(&bytes) {
                Ok(record) => records.push((key, record)),
                Err(error) => {
                    if unreadable == 0 {
                        tracing::warn!(table = table.name(), key, %error, "a record of the alert engine cannot be read");
                    }
                    unreadable += 1;
                }
            }
        }
        if unreadable > 1 {
            let table = table.name();
            tracing::warn!(
                table,
                unreadable,
                "so many records of the alert engine cannot be read, and are left out"
            );
        }
        records
    }

    /// Writes all of them, durably, or none: when this returns, neither a killed process nor a power cut loses any of it.
    /// Blocks the thread for as long as the disk takes. What could not be written is kept, and written with the next commit;
    /// that is said when it begins, and when it is over.
    pub(crate) fn commit(&self, writes: Writes) {
        let Some(mut file) = self.file() else { return };
        if writes.is_empty() && file.pending.is_empty() {
            return;
        }
        let written = file.commit(writes);
        self.available.set(if written { 1.0 } else { 0.0 });
    }

    fn file(&self) -> Option<MutexGuard<'_, File>> {
        let file = self.file.as_ref()?;
        Some(file.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for Disk {
    fn default() -> Self {
        Self::nowhere()
    }
}

impl File {
    fn commit(&mut self, writes: Writes) -> bool {
        let writes = if self.pending.is_empty() {
            writes
        } else {
            self.pending.add(writes);
            self.pending.take()
        };
        match self.try_commit(&writes) {
            Ok(()) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the state of the alert engine is written again");
                }
                true
            }
            Err(error) => {
                self.pending.add(writes);
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::error!(
                        "the state of the alert engine was not written, and is tried again with each change; a restart \
                         would forget what changed since: {error}"
                    );
                }
                false
            }
        }
    }

    fn try_commit(&mut self, writes: &Writes) -> Result<(), DiskError> {
        let database = self.take_database()?;
        let work = move || {
            let transaction = database.begin_write()?;
            for table in Table::ALL {
                let mut of_table = writes.0.iter().filter(|write| write.table == table).peekable();
                if of_table.peek().is_none() {
                    continue;
                }
                let mut records = transaction.open_table(table.definition())?;
                for write in of_table {
                    match &write.record {
                        Some(record) => records.insert(write.key.as_str(), record.as_slice())?,
                        None => records.remove(write.key.as_str())?,
                    };
                }
            }
            transaction.commit()?;
            Ok(database)
        };
        self.database = Some(surviving(self.place.path(), work)?);
        Ok(())
    }

    /// All records of a table as they will be once everything is written.
    fn read(&mut self, table: Table) -> Vec<(String, Vec<u8>)> {
        let mut records = self.try_read(table).unwrap_or_else(|error| {
            tracing::error!("the state of the alert engine cannot be read, and begins anew: {error}");
            Vec::new()
        });
        self.pending.overlay(table, &mut records);
        records
    }

    fn try_read(&mut self, table: Table) -> Result<Vec<(String, Vec<u8>)>, DiskError> {
        let database = self.take_database()?;
        let work = move || {
            let transaction = database.begin_read()?;
            let mut found = Vec::new();
            match transaction.open_table(table.definition()) {
                Ok(records) => {
                    for entry in records.iter()? {
                        let (key, record) = entry?;
                        found.push((key.value().to_owned(), record.value().to_owned()));
                    }
                }
                // A file of a version that did not have it.
                Err(TableError::TableDoesNotExist(_)) => {}
                Err(error) => return Err(error.into()),
            }
            drop(transaction);
            Ok((database, found))
        };
        let (database, found) = surviving(self.place.path(), work)?;
        self.database = Some(database);
        Ok(found)
    }

    /// The database, opened where it is not. To be put back after use.
    fn take_database(&mut self) -> Result<Database, DiskError> {
        if let Some(database) = self.database.take() {
            return Ok(database);
        }
        let (database, set_aside) = self.place.open()?;
        say_set_aside(set_aside.as_ref());
        Ok(database)
    }
}

/// Gives back what earlier processes left unused. The file grows to twice what it holds at its fullest, and more.
fn compacted(mut database: Database, path: &Path) -> Result<Database, redb::Error> {
    let bytes = fs::metadata(path)?.len();
    if bytes > SMALL {
        let transaction = database.begin_write()?;
        let stored = transaction.stats()?.stored_bytes();
        transaction.abort()?;
        if bytes > stored.saturating_mul(SLACK) {
            database.compact()?;
        }
    }
    Ok(database)
}

fn say_set_aside(set_aside: Option<&SetAside>) {
    if let Some(set_aside) = set_aside {
        let (path, reason) = (set_aside.path().display(), set_aside.reason());
        tracing::warn!(
            %path,
            reason,
            "the file of the alert engine could not be read and was set aside; what was in it is forgotten"
        );
    }
}

fn availability(registers: &Registers) -> Gauge {
    const NAME: &str = "tower_watch_alert_state_available";
    const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));
    let help = "1 if the state of alerts is on disk, 0 if it is in memory only.";
    registers.describe_gauge(NAME.into(), Some(Unit::Count), help.into());
    registers.register_gauge(&Key::from_name(NAME), &METADATA)
}

#[cfg(test)]
impl Disk {
    /// Whether records are on disk: there is a file, and the last commit went into it.
    pub(crate) fn is_available(&self) -> bool {
        self.file().is_some_and(|file| !file.failing)
    }
}

#[cfg(test)]
#[path = "disk_tests.rs"]
mod tests;
