//! What was exported and what was not, and why.
//!
//! Beside what [`counts`](crate::telemetry::counts) counts for all: what is still under way, and what was cut.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::registers::Registers;
use crate::telemetry::counts::{self, Count, Reason};

/// Why something was not exported: the label `reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// There was no place in the queue.
    QueueFull,
    /// The collector took the rest of the batch.
    Rejected,
    /// The collector took nothing of the batch, and would not the next time.
    Refused,
    /// The collector was away, or busy, for longer than a batch is kept.
    Expired,
    /// It came too late, or was still there when the time was over.
    Shutdown,
}

impl Reason for Dropped {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::QueueFull, "queue_full"),
        (Self::Rejected, "rejected"),
        (Self::Refused, "refused"),
        (Self::Expired, "expired"),
        (Self::Shutdown, "shutdown"),
    ];

    fn place(self) -> usize {
        self as usize
    }
}

/// The counts of one signal, all destinations together.
pub(crate) struct Counts {
    all: counts::Counts<Dropped>,
    cut: Count,
    /// Handed to a destination, and neither sent nor dropped yet.
    under_way: AtomicU64,
}

impl Counts {
    pub(crate) fn new(signal: &'static str) -> Self {
        Self { all: counts::Counts::new(signal), cut: Count::default(), under_way: AtomicU64::new(0) }
    }

    /// Counts what a destination is to get.
    pub(crate) fn hand_over(&self, items: usize) {
        self.under_way.fetch_add(items as u64, Ordering::Relaxed);
    }

    /// Counts what a destination is done with, one way or the other.
    pub(crate) fn settle(&self, items: usize) {
        self.under_way.fetch_sub(items as u64, Ordering::Relaxed);
    }

    /// What the destinations are not done with is lost.
    pub(crate) fn abandon(&self) {
        self.all.lose(Dropped::Shutdown, self.under_way.swap(0, Ordering::Relaxed));
    }

    /// Counts what a collector has.
    pub(crate) fn export(&self, items: usize) {
        self.all.export(items as u64);
    }

    /// Counts values that were too long.
    pub(crate) fn cut(&self, values: usize) {
        if values > 0 {
            self.cut.add(values as u64);
        }
    }

    /// Counts what nobody has.
    pub(crate) fn lose(&self, reason: Dropped, items: usize) {
        self.all.lose(reason, items as u64);
    }

    /// How many were dropped for any reason.
    pub(crate) fn all_dropped(&self) -> u64 {
        self.all.all_dropped()
    }

    /// Where the numbers go from now on, as long as somebody holds it; without this to the recorder of the process. The first
    /// word counts.
    pub(crate) fn record_into(&self, registers: &Registers) {
        self.all.record_into(registers);
    }

    /// Hands over what came since the last time.
    pub(crate) fn publish(&self) {
        self.all.publish();
        self.all.with_recorder(|recorder| {
            self.all.increment(recorder, &self.cut, "tower_watch_telemetry_truncated_total", None);
        });
    }
}

#[cfg(test)]
impl Counts {
    /// How many a collector has.
    pub(crate) fn exported(&self) -> u64 {
        self.all.exported()
    }

    /// How many were dropped for a reason.
    pub(crate) fn dropped(&self, reason: Dropped) -> u64 {
        self.all.dropped(reason)
    }
}
