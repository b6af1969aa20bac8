//! What is in the snapshot's database.

use redb::TableDefinition;

use crate::disk::Schema;

/// When it was saved.
pub(crate) const SAVED: &str = "saved";
/// The record of each series, by its slot.
pub(crate) const SERIES: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("series");

pub(crate) static SCHEMA: Schema = Schema {
    file: "series.redb",
    lock: "series.lock",
    version: 1,
    patience: 3,
    tables: &["series"],
    make: |write| {
        write.open_table(SERIES)?;
        Ok(())
    },
    check: |read| {
        read.open_table(SERIES)?;
        Ok(())
    },
};
