//! What is to be remembered.

use serde::Serialize;

/// What a record is about. Each table belongs to one part of the engine, which alone knows what its records mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Table {
    /// Alerts of rules with their state, pending ones included (`evaluation`).
    Instances,
    /// Alerts that were raised by code or over the API (`dispatch`).
    Alerts,
    /// What groups have decided: when they spoke, and of what (`dispatch`).
    Groups,
    /// Silences (`dispatch`).
    Silences,
    /// Acknowledgements and escalations (`dispatch`).
    Acknowledgements,
    /// What is owed, and what receivers know (`notify`).
    Debts,
    /// Who did what, when (`dispatch`).
    Audit,
}

/// Records to put and to delete, in order; committed together.
#[derive(Debug, Default)]
pub(crate) struct Writes(pub(crate) Vec<Write>);

#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) table: Table,
    pub(crate) key: String,
    /// `None` deletes.
    pub(crate) record: Option<Vec<u8>>,
}

impl Writes {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Remembers a record, in place of what is there under this key.
    pub(crate) fn put(&mut self, table: Table, key: impl Into<String>, record: &impl Serialize) {
        match serde_json::to_vec(record) {
            Ok(bytes) => self.0.push(Write { table, key: key.into(), record: Some(bytes) }),
            Err(error) => {
                tracing::error!(%error, ?table, "a record of the alert engine cannot be written, which is a defect");
            }
        }
    }

    /// Forgets a record.
    pub(crate) fn delete(&mut self, table: Table, key: impl Into<String>) {
        self.0.push(Write { table, key: key.into(), record: None });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
