//! What happened before.
//!
//! The trail of an exchange lies in its slot, so it goes wherever the exchange goes; what is said outside of all exchanges has
//! one trail for the whole process.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use sentry_core::Breadcrumb;
use tower_watch_layers::observe::Slot;

/// The last breadcrumbs.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    crumbs: Mutex<VecDeque<Breadcrumb>>,
}

impl Trail {
    /// The trail of an exchange.
    pub(crate) fn of(slot: &Slot) -> Option<&Self> {
        slot.companion(Self::default)
    }

    /// Adds one; the oldest goes where there are more than `limit`.
    pub(crate) fn push(&self, crumb: Breadcrumb, limit: usize) {
        let mut crumbs = self.crumbs.lock().unwrap_or_else(PoisonError::into_inner);
        while crumbs.len() >= limit.max(1) {
            crumbs.pop_front();
        }
        crumbs.push_back(crumb);
    }

    /// All of them, the oldest first.
    pub(crate) fn crumbs(&self) -> Vec<Breadcrumb> {
        self.crumbs.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
