//! The alerts that are there, and those that were until a while ago.

use std::collections::HashMap;
use std::sync::Arc;

use crate::alert::state::{Disk, Writes};
use crate::alert::{Alert, Fingerprint};

/// All alerts by who they are.
#[derive(Debug, Default)]
pub(crate) struct Book {
    alerts: HashMap<Fingerprint, Arc<Alert>>,
}

impl Book {
    /// What the disk remembers.
    pub(crate) fn restore(_disk: &Disk, _now: i64) -> Self {
        Self::default()
    }

    /// Writes down an alert that fires or is over.
    pub(crate) fn apply(&mut self, alert: Arc<Alert>, _now: i64, _writes: &mut Writes) {
        self.alerts.insert(alert.fingerprint(), alert);
    }

    /// What is known of this alert.
    pub(crate) fn get(&self, of: Fingerprint) -> Option<&Arc<Alert>> {
        self.alerts.get(&of)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Alert>> {
        self.alerts.values()
    }
}
