//! What is in the database of the alert engine.

use redb::TableDefinition;

use crate::alert::state::Table;
use crate::disk::Schema;

type Records = TableDefinition<'static, &'static str, &'static [u8]>;

pub(crate) static SCHEMA: Schema = Schema {
    file: "alerts.redb",
    lock: "alerts.lock",
    version: 1,
    // A process that is killed again and again while it starts must not lose what it owes.
    patience: 20,
    tables: &[Table::Alerts.name(), Table::Debts.name()],
    make: |write| {
        for table in Table::ALL {
            write.open_table(table.definition())?;
        }
        Ok(())
    },
    check: |read| {
        for table in [Table::Alerts, Table::Debts] {
            read.open_table(table.definition())?;
        }
        Ok(())
    },
};

impl Table {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Instances,
        Self::Alerts,
        Self::Groups,
        Self::Silences,
        Self::Acknowledgements,
        Self::Debts,
        Self::Audit,
    ];

    /// The table in the database: records in JSON, by key.
    pub(crate) const fn definition(self) -> Records {
        TableDefinition::new(self.name())
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Instances => "instances",
            Self::Alerts => "alerts",
            Self::Groups => "groups",
            Self::Silences => "silences",
            Self::Acknowledgements => "acknowledgements",
            Self::Debts => "debts",
            Self::Audit => "audit",
        }
    }
}
