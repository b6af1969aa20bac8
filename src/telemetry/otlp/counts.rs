//! What was exported and what was not, and why.
//!
//! Counted in plain atomics where it happens, which may be in a request, and handed to the `metrics` facade by the worker: its
//! recorder may come later than the first span does.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{Key, Label, Level, Metadata, SharedString};

use crate::registers::{Registers, WeakRegisters};

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

const REASONS: [(Dropped, &str); 5] = [
    (Dropped::QueueFull, "queue_full"),
    (Dropped::Rejected, "rejected"),
    (Dropped::Refused, "refused"),
    (Dropped::Expired, "expired"),
    (Dropped::Shutdown, "shutdown"),
];

static METADATA: Metadata<'static> = Metadata::new("tower_watch::telemetry", Level::INFO, None);

/// The counts of one signal, all destinations together.
pub(crate) struct Counts {
    signal: &'static str,
    exported: Count,
    cut: Count,
    /// Handed to a destination, and neither sent nor dropped yet.
    under_way: AtomicU64,
    dropped: [Count; REASONS.len()],
    registers: OnceLock<WeakRegisters>,
}

#[derive(Debug, Default)]
struct Count {
    total: AtomicU64,
    /// How much of it the recorder knows.
    published: AtomicU64,
}

impl Counts {
    pub(crate) fn new(signal: &'static str) -> Self {
        Self {
            signal,
            exported: Count::default(),
            cut: Count::default(),
            under_way: AtomicU64::new(0),
            dropped: Default::default(),
            registers: OnceLock::new(),
        }
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
        let lost = self.under_way.swap(0, Ordering::Relaxed);
        self.lose(Dropped::Shutdown, usize::try_from(lost).unwrap_or(usize::MAX));
    }

    /// Counts what a collector has.
    pub(crate) fn export(&self, items: usize) {
        self.exported.add(items);
    }

    /// Counts values that were too long.
    pub(crate) fn cut(&self, values: usize) {
        if values > 0 {
            self.cut.add(values);
        }
    }

    /// Counts what nobody has.
    pub(crate) fn lose(&self, reason: Dropped, items: usize) {
        self.dropped[reason as usize].add(items);
    }

    /// How many were dropped for a reason.
    pub(crate) fn dropped(&self, reason: Dropped) -> u64 {
        self.dropped[reason as usize].total.load(Ordering::Relaxed)
    }

    /// How many were dropped for any reason.
    pub(crate) fn all_dropped(&self) -> u64 {
        REASONS.iter().map(|(reason, _)| self.dropped(*reason)).sum()
    }

    /// Where the numbers go from now on, as long as somebody holds it; without this to the recorder of the process. The first
    /// word counts.
    pub(crate) fn record_into(&self, registers: &Registers) {
        let _ = self.registers.set(registers.downgrade());
    }

    /// Hands over what came since the last time. For the worker alone.
    pub(crate) fn publish(&self) {
        self.exported.publish(|by| self.increment("tower_watch_telemetry_exported_total", None, by));
        self.cut.publish(|by| self.increment("tower_watch_telemetry_truncated_total", None, by));
        for (count, (_, reason)) in self.dropped.iter().zip(REASONS) {
            count.publish(|by| self.increment("tower_watch_telemetry_dropped_total", Some(reason), by));
        }
    }

    fn increment(&self, name: &'static str, reason: Option<&'static str>, by: u64) {
        let mut labels = vec![Label::from_static_parts("signal", self.signal)];
        labels.extend(reason.map(|reason| Label::from_static_parts("reason", reason)));
        let key = Key::from_parts(SharedString::const_str(name), labels);
        let record = |recorder: &dyn metrics::Recorder| {
            recorder.register_counter(&key, &METADATA).increment(by);
        };
        match self.registers.get().map(WeakRegisters::upgrade) {
            Some(registers) => {
                registers.iter().for_each(|registers| record(registers));
            }
            None => metrics::with_recorder(record),
        }
    }
}

#[cfg(test)]
impl Counts {
    /// How many a collector has.
    pub(crate) fn exported(&self) -> u64 {
        self.exported.total.load(Ordering::Relaxed)
    }
}

impl Count {
    fn add(&self, items: usize) {
        self.total.fetch_add(items as u64, Ordering::Relaxed);
    }

    fn publish(&self, increment: impl FnOnce(u64)) {
        let total = self.total.load(Ordering::Relaxed);
        let published = self.published.swap(total, Ordering::Relaxed);
        if total > published {
            increment(total - published);
        }
    }
}
