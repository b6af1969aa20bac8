//! From the file into the store.

use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable};

use crate::disk::META;
use crate::series::Store;
use crate::series::disk::SetAside;
use crate::series::disk::record;
use crate::series::disk::schema::{SAVED, SERIES};

/// What came back from the file, and what did not.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Restored {
    /// Series that are in the store now.
    pub series: usize,
    /// Their samples.
    pub samples: usize,
    /// Series for which there was no room under the store's limits.
    pub dropped: usize,
    /// Series that had ended too long ago for all tiers.
    pub expired: usize,
    /// Records that could not be read, or whose series was in the store already.
    pub skipped: usize,
    /// The time of the last sample, staleness markers included, in milliseconds since the Unix epoch. It is in the
    /// future where the clock was set back. For [`Sampler::resume`](crate::series::Sampler::resume).
    pub latest: Option<i64>,
    /// When the file was saved, in milliseconds since the Unix epoch.
    pub saved: Option<i64>,
    /// What could not be read any more, where the file had to be opened anew after an error.
    pub set_aside: Option<SetAside>,
}

pub(crate) fn restore(database: &Database, store: &Store, now: i64) -> Result<Restored, redb::Error> {
    let transaction = database.begin_read()?;
    let saved = transaction.open_table(META)?.get(SAVED)?.map(|time| time.value());
    let mut restored = Restored { saved, ..Restored::default() };
    for entry in transaction.open_table(SERIES)?.iter()? {
        let (_, bytes) = entry?;
        restored.take(store, bytes.value(), now);
    }
    Ok(restored)
}

impl Restored {
    fn take(&mut self, store: &Store, bytes: &[u8], now: i64) {
        let tiers = |labels: &_| Arc::clone(store.read().tiers(labels));
        let Some((labels, mut history)) = record::read(bytes, tiers) else {
            self.skipped += 1;
            return;
        };
        history.cut(now);
        history.age(now);
        if history.is_over(now) {
            self.expired += 1;
            return;
        }
        let mut state = store.write();
        if state.find(&labels).is_some() {
            self.skipped += 1;
        } else if state.is_full() {
            self.dropped += 1;
        } else {
            self.latest = self.latest.max(history.last().map(|last| last.time));
            self.samples += history.len();
            self.series += 1;
            state.insert(&labels, history);
        }
    }
}
