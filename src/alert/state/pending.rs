//! What a disk that does not work is owed.

use std::collections::HashMap;

use crate::alert::state::writes::Write;
use crate::alert::state::{Table, Writes};

/// So much is kept at most; then new records of the audit log are given up, and in the end all that are new.
const MOST_BYTES: usize = 64 << 20;

/// Of which the audit log, whose keys are new each time, may have so much.
const MOST_BYTES_OF_AUDIT: usize = 4 << 20;

/// What a record takes beside its bytes, about.
const OVERHEAD: usize = 96;

/// Writes that are waiting, the last one of each key: as much memory as the alerts themselves, however long it takes.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    writes: HashMap<(Table, String), Option<Vec<u8>>>,
    bytes: usize,
    bytes_of_audit: usize,
    given_up: u64,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Adds what came later than all that is there.
    pub(crate) fn add(&mut self, writes: Writes) {
        for Write { table, key, record } in writes.0 {
            let size = size(&key, record.as_ref());
            let key = (table, key);
            if let Some(before) = self.writes.remove(&key) {
                self.account(table, |bytes| bytes - self::size(&key.1, before.as_ref()));
            } else if self.bytes + size > MOST_BYTES
                || (table == Table::Audit && self.bytes_of_audit + size > MOST_BYTES_OF_AUDIT)
            {
                self.give_up();
                continue;
            }
            self.account(table, |bytes| bytes + size);
            self.writes.insert(key, record);
        }
    }

    /// All that is waiting.
    pub(crate) fn take(&mut self) -> Writes {
        let waiting = std::mem::take(self);
        let writes = waiting.writes.into_iter();
        Writes(writes.map(|((table, key), record)| Write { table, key, record }).collect())
    }

    /// Lays the writes of a table over its records.
    pub(crate) fn overlay(&self, table: Table, records: &mut Vec<(String, Vec<u8>)>) {
        if self.is_empty() {
            return;
        }
        records.retain(|(key, _)| !self.writes.contains_key(&(table, key.clone())));
        let of_table = self.writes.iter().filter(|((of, _), _)| *of == table);
        records
            .extend(of_table.filter_map(|((_, key), record)| {
                record.as_ref().map(|record| (key.clone(), record.clone()))
            }));
    }

    fn account(&mut self, table: Table, change: impl Fn(usize) -> usize) {
        self.bytes = change(self.bytes);
        if table == Table::Audit {
            self.bytes_of_audit = change(self.bytes_of_audit);
        }
    }

    fn give_up(&mut self) {
        if self.given_up == 0 {
            tracing::error!(
                "too much of the alert engine's state waits for the disk: new records are given up"
            );
        }
        self.given_up += 1;
    }
}

fn size(key: &str, record: Option<&Vec<u8>>) -> usize {
    OVERHEAD + key.len() + record.map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use super::{MOST_BYTES_OF_AUDIT, Pending};
    use crate::alert::state::{Table, Writes};

    fn put(pending: &mut Pending, table: Table, key: &str, record: &str) {
        let mut writes = Writes::new();
        writes.put(table, key, &record);
        pending.add(writes);
    }

    #[test]
    fn the_last_word_about_a_key_is_kept_and_its_memory_once() {
        let mut pending = Pending::default();
        for round in 0..1_000 {
            put(&mut pending, Table::Debts, "a", &"x".repeat(round));
        }
        put(&mut pending, Table::Debts, "b", "B");
        let mut writes = Writes::new();
        writes.delete(Table::Debts, "b");
        pending.add(writes);
        assert!(pending.bytes < 2_000, "{}", pending.bytes);
        let mut records = vec![("a".to_owned(), b"old".to_vec()), ("b".to_owned(), b"old".to_vec())];
        pending.overlay(Table::Debts, &mut records);
        assert_eq!(records.len(), 1, "b is deleted");
        assert_eq!(records[0].1.len(), 999 + 2);
        assert_eq!(pending.take().0.len(), 2);
        assert_eq!((pending.bytes, pending.is_empty()), (0, true));
    }

    #[test]
    fn the_audit_log_leaves_room_for_what_matters() {
        let mut pending = Pending::default();
        for round in 0..200 {
            put(&mut pending, Table::Audit, &round.to_string(), &"x".repeat(64 << 10));
        }
        assert!(pending.bytes <= MOST_BYTES_OF_AUDIT);
        assert!(pending.given_up > 0);
        put(&mut pending, Table::Debts, "a", "still written");
        assert!(pending.writes.contains_key(&(Table::Debts, "a".to_owned())));
    }
}
