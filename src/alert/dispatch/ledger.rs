//! What groups have said, by group and target, on disk too.
//!
//! It outlives the groups: a group whose alerts are gone is forgotten when nobody was left believing that they fire.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::Fingerprint;
use crate::alert::dispatch::decision::Record;
use crate::alert::state::{Disk, Table, Writes};

/// A group by what it is called on disk: its receiver and its key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Page(Arc<str>);

impl Page {
    pub(crate) fn new(receiver: &str, group_key: &str) -> Self {
        Self(format!("{receiver}\n{group_key}").into())
    }
}

/// What is remembered of one group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// When it was last due, and from when on the next times are counted.
    pub(crate) flushed_at: i64,
    /// How long the longest of its records counts.
    pub(crate) kept_for: i64,
    /// By target.
    pub(crate) records: BTreeMap<String, Record>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: HashMap<Page, Entry>,
}

impl Ledger {
    pub(crate) fn restore(disk: &Disk) -> Self {
        let entries = disk.load::<Entry>(Table::Groups);
        Self { entries: entries.into_iter().map(|(key, entry)| (Page(key.into()), entry)).collect() }
    }

    pub(crate) fn get(&self, page: &Page) -> Option<&Entry> {
        self.entries.get(page)
    }

    pub(crate) fn record(&self, page: &Page, target: &str) -> Option<&Record> {
        self.entries.get(page)?.records.get(target)
    }

    /// Writes down what a group said when it was due at this time.
    pub(crate) fn put(
        &mut self,
        page: &Page,
        flushed_at: i64,
        kept_for: i64,
        records: Vec<(String, Record)>,
        writes: &mut Writes,
    ) {
        let entry = self.entries.entry(page.clone()).or_default();
        entry.flushed_at = flushed_at;
        entry.kept_for = kept_for;
        entry.records.extend(records);
        writes.put(Table::Groups, &*page.0, entry);
    }

    /// A target was told outside of the group that an alert of it is over.
    pub(crate) fn strike(
        &mut self,
        page: &Page,
        target: &str,
        fingerprint: Fingerprint,
        writes: &mut Writes,
    ) {
        let Some(entry) = self.entries.get_mut(page) else { return };
        let Some(record) = entry.records.get_mut(target) else { return };
        if record.firing.remove(fingerprint) {
            record.flapping.remove(fingerprint);
            record.resolved.add(fingerprint);
            writes.put(Table::Groups, &*page.0, entry);
        }
    }

    /// The group is empty: what is said of it no longer matters, unless somebody was told of something that fires and not
    /// of its end.
    pub(crate) fn close(&mut self, page: &Page, writes: &mut Writes) {
        let Some(entry) = self.entries.get(page) else { return };
        if entry.records.values().all(|record| record.firing.is_empty()) {
            self.entries.remove(page);
            writes.delete(Table::Groups, &*page.0);
        }
    }

    /// Forgets groups that are not there and were last heard of longer ago than twice their `repeat_interval`, which is how
    /// long Alertmanager remembers.
    pub(crate) fn pass(&mut self, now: i64, is_there: impl Fn(&Page) -> bool, writes: &mut Writes) {
        self.entries.retain(|page, entry| {
            let last = entry.records.values().map(|record| record.at).max().unwrap_or(entry.flushed_at);
            let kept = is_there(page) || last.saturating_add(entry.kept_for) >= now;
            if !kept {
                writes.delete(Table::Groups, &*page.0);
            }
            kept
        });
    }
}
