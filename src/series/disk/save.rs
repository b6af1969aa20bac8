//! From the store into the file.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

use redb::Database;

use crate::disk::META;
use crate::series::Store;
use crate::series::disk::SetAside;
use crate::series::disk::record;
use crate::series::disk::schema::{SAVED, SERIES};

/// A portion, read under one hold of the store's lock, ends after so many bytes or slots. That is 50 µs.
const PORTION_BYTES: usize = 64 << 10;
const PORTION_SLOTS: usize = 512;

/// What a record takes in the file beside its own bytes, about.
const OVERHEAD: u64 = 16;

/// A file up to this size is never compacted.
const SMALL: u64 = 16 << 20;

/// Nor is one that is at most so many times as large as its records: a save that writes everything needs room for what
/// was there and for what will be, and a database doubles its file to get it.
const SLACK: u64 = 8;

/// What a save did.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Saved {
    /// Series in the file.
    pub series: usize,
    /// Of these, how many were written.
    pub written: usize,
    /// Series that are in the file no more.
    pub removed: usize,
    /// The size of the file, in bytes.
    pub bytes: u64,
    /// Whether the file was compacted.
    pub compacted: bool,
    /// What could not be read any more, where the file had to be opened anew after an error.
    pub set_aside: Option<SetAside>,
}

/// What is known of the file.
#[derive(Debug, Default)]
pub(crate) struct Saver {
    /// The records in the file, by slot; empty before the first save, which writes everything.
    records: Vec<Record>,
    /// Whether the slots in the file are this process'.
    began: bool,
    /// The file is not compacted before it is larger than this.
    compact_above: u64,
}

/// What is in the file in the place of a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Record {
    fingerprint: u64,
    /// 0: nothing.
    length: u32,
}

impl Record {
    fn of(bytes: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        Self { fingerprint: hasher.finish(), length: bytes.len() as u32 }
    }
}

impl Saver {
    pub(crate) fn save(
        &mut self,
        database: &mut Database,
        path: &Path,
        store: &Store,
        now: i64,
    ) -> Result<Saved, redb::Error> {
        let mut saved = Saved::default();
        let transaction = database.begin_write()?;
        if !self.began {
            transaction.delete_table(SERIES)?;
        }
        transaction.open_table(META)?.insert(SAVED, now)?;
        let mut records = Vec::with_capacity(self.records.len());
        {
            let mut table = transaction.open_table(SERIES)?;
            let mut portion = Portion::default();
            while portion.copy(store, records.len()) {
                for bytes in portion.records() {
                    let slot = records.len();
                    let record = if bytes.is_empty() { Record::default() } else { Record::of(bytes) };
                    let before = self.records.get(slot).copied().unwrap_or_default();
                    records.push(record);
                    saved.series += usize::from(record.length > 0);
                    if record == before {
                        continue;
                    }
                    if record.length > 0 {
                        table.insert(slot as u32, bytes)?;
                        saved.written += 1;
                    } else {
                        table.remove(slot as u32)?;
                        saved.removed += 1;
                    }
                }
            }
            for (slot, _) in
                self.records.iter().enumerate().skip(records.len()).filter(|(_, was)| was.length > 0)
            {
                table.remove(slot as u32)?;
                saved.removed += 1;
            }
        }
        transaction.commit()?;
        self.began = true;
        self.records = records;
        saved.bytes = fs::metadata(path)?.len();
        if saved.bytes > self.compact_above.max(SMALL).max(SLACK * self.bytes()) {
            saved.compacted = database.compact()?;
            saved.bytes = fs::metadata(path)?.len();
            // What does not become smaller is not tried again each time.
            self.compact_above = 4 * saved.bytes;
        }
        Ok(saved)
    }

    /// What the records take, about.
    fn bytes(&self) -> u64 {
        let taken = self.records.iter().filter(|record| record.length > 0);
        taken.map(|record| u64::from(record.length) + OVERHEAD).sum()
    }
}

/// Consecutive records, copied out of the store.
#[derive(Debug, Default)]
struct Portion {
    bytes: Vec<u8>,
    /// Where each ends. An empty slot ends where it begins.
    ends: Vec<usize>,
}

impl Portion {
    /// Copies the records from this slot on; says whether there are any.
    fn copy(&mut self, store: &Store, from: usize) -> bool {
        self.bytes.clear();
        self.ends.clear();
        let state = store.read();
        for slot in state.slots().iter().skip(from).take(PORTION_SLOTS) {
            if let Some(series) = slot {
                record::write(series, &mut self.bytes);
            }
            self.ends.push(self.bytes.len());
            if self.bytes.len() >= PORTION_BYTES {
                break;
            }
        }
        !self.ends.is_empty()
    }

    fn records(&self) -> impl Iterator<Item = &[u8]> {
        let begins = [0].into_iter().chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| &self.bytes[begin..*end])
    }
}
