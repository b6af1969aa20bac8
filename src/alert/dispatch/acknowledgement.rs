//! Somebody takes care of an alert.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::alert::Fingerprint;
use crate::alert::dispatch::audit::shortened;
use crate::alert::state::{Disk, Table, Writes};

/// What keys on disk begin with, since escalations share the table.
const PREFIX: &str = "acknowledged/";

/// The most bytes of a comment that are kept: one is for each alert that is acknowledged.
const MOST_COMMENT: usize = 4_096;

/// The most bytes of an author that are kept.
const MOST_AUTHOR: usize = 256;

/// Somebody takes care of an alert: it is not repeated and goes to nobody else. It ends with the alert, or earlier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Acknowledgement {
    /// Who; the first 256 bytes of it are kept.
    pub author: String,
    /// What they said; the first 4,096 bytes of it are kept.
    #[serde(default)]
    pub comment: String,
    /// When (milliseconds since the Unix epoch).
    pub at: i64,
    /// Until when it counts; as long as the alert is there where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

impl Acknowledgement {
    /// An acknowledgement that is made at this time.
    pub fn new(author: impl Into<String>, comment: impl Into<String>, at: i64) -> Self {
        Self { author: author.into(), comment: comment.into(), at, until: None }
    }

    /// It counts until then (milliseconds since the Unix epoch), whether the alert is over or not.
    #[must_use]
    pub fn until(mut self, until: i64) -> Self {
        self.until = Some(until);
        self
    }

    /// Cut to what is kept of it for each alert.
    pub(crate) fn bounded(&self) -> Self {
        let (author, comment) =
            (shortened(&self.author, MOST_AUTHOR), shortened(&self.comment, MOST_COMMENT));
        Self { author: author.to_owned(), comment: comment.to_owned(), at: self.at, until: self.until }
    }
}

/// Acknowledgements by alert, on disk too. As many as there are alerts at most.
#[derive(Debug, Default)]
pub(crate) struct Acknowledgements {
    all: HashMap<Fingerprint, Acknowledgement>,
    ends: BTreeSet<(i64, Fingerprint)>,
}

impl Acknowledgements {
    pub(crate) fn restore(disk: &Disk) -> Self {
        let mut all = Self::default();
        // An escalation in this table has no author and is not read here; its own room reads it.
        for (key, record) in disk.load::<serde_json::Value>(Table::Acknowledgements) {
            let Some(fingerprint) = key.strip_prefix(PREFIX).and_then(fingerprint) else { continue };
            match serde_json::from_value(record) {
                Ok(acknowledgement) => all.insert(fingerprint, acknowledgement),
                Err(error) => {
                    tracing::warn!(%key, %error, "an acknowledgement on disk cannot be read, and is left out");
                }
            }
        }
        all
    }

    pub(crate) fn put(
        &mut self,
        fingerprint: Fingerprint,
        acknowledgement: Acknowledgement,
        writes: &mut Writes,
    ) {
        writes.put(Table::Acknowledgements, format!("{PREFIX}{fingerprint}"), &acknowledgement);
        self.insert(fingerprint, acknowledgement);
    }

    fn insert(&mut self, fingerprint: Fingerprint, acknowledgement: Acknowledgement) {
        self.ends.extend(acknowledgement.until.map(|until| (until, fingerprint)));
        let until = acknowledgement.until;
        if let Some(before) = self.all.insert(fingerprint, acknowledgement)
            && before.until != until
            && let Some(until) = before.until
        {
            self.ends.remove(&(until, fingerprint));
        }
    }

    /// Whether there was one.
    pub(crate) fn remove(&mut self, fingerprint: Fingerprint, writes: &mut Writes) -> bool {
        let Some(before) = self.all.remove(&fingerprint) else { return false };
        if let Some(until) = before.until {
            self.ends.remove(&(until, fingerprint));
        }
        writes.delete(Table::Acknowledgements, format!("{PREFIX}{fingerprint}"));
        true
    }

    /// Forgets those whose time is over.
    pub(crate) fn pass(&mut self, now: i64, writes: &mut Writes) {
        while let Some((until, fingerprint)) = self.ends.first().copied()
            && until <= now
        {
            self.remove(fingerprint, writes);
        }
    }

    pub(crate) fn get(&self, fingerprint: Fingerprint) -> Option<&Acknowledgement> {
        self.all.get(&fingerprint)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Fingerprint, &Acknowledgement)> {
        self.all.iter().map(|(fingerprint, acknowledgement)| (*fingerprint, acknowledgement))
    }
}

/// Of a fingerprint's text.
pub(crate) fn fingerprint(text: &str) -> Option<Fingerprint> {
    u64::from_str_radix(text, 16).ok().map(Fingerprint)
}
