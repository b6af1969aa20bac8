//! Who did what, when.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::alert::state::{Disk, Table, Writes};

/// How many entries are kept.
const MOST: usize = 1_000;

/// How many bytes of each are kept.
const MOST_WHO: usize = 256;
const MOST_DETAIL: usize = 4_096;

/// Something that a person or the program did to the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditEntry {
    /// When (milliseconds since the Unix epoch).
    pub at: i64,
    /// Who: the author, where there is one; or `api`, `program`, `SIGHUP`, `file` (one has changed), and `engine` where nobody
    /// did. The first 256 bytes of it.
    pub who: String,
    /// What: `silenced`, `silence expired`, `acknowledged`, `acknowledgement withdrawn`, `escalated`, `reloaded`, `reload
    /// refused`, `tested`.
    pub what: String,
    /// To what, and why; the first 4,096 bytes of it.
    pub detail: String,
}

/// The last thousand entries, on disk too.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    entries: VecDeque<(u64, AuditEntry)>,
    next: u64,
}

impl Audit {
    pub(crate) fn restore(disk: &Disk) -> Self {
        let entries = disk.load::<AuditEntry>(Table::Audit).into_iter();
        let mut entries: Vec<_> =
            entries.filter_map(|(key, entry)| Some((key.parse::<u64>().ok()?, entry))).collect();
        entries.sort_by_key(|(number, _)| *number);
        let next = entries.last().map_or(0, |(number, _)| number + 1);
        Self { entries: entries.into(), next }
    }

    pub(crate) fn add(
        &mut self,
        at: i64,
        who: impl Into<String>,
        what: impl Into<String>,
        detail: impl Into<String>,
        writes: &mut Writes,
    ) {
        let (who, detail) = (who.into(), detail.into());
        let (who, detail) =
            (shortened(&who, MOST_WHO).to_owned(), shortened(&detail, MOST_DETAIL).to_owned());
        let entry = AuditEntry { at, who, what: what.into(), detail };
        writes.put(Table::Audit, key(self.next), &entry);
        self.entries.push_back((self.next, entry));
        self.next += 1;
        while self.entries.len() > MOST {
            let Some((number, _)) = self.entries.pop_front() else { break };
            writes.delete(Table::Audit, key(number));
        }
    }

    /// The latest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &AuditEntry> {
        self.entries.iter().rev().map(|(_, entry)| entry)
    }
}

/// The beginning of a text, up to so many bytes.
pub(crate) fn shortened(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

fn key(number: u64) -> String {
    format!("{number:020}")
}
