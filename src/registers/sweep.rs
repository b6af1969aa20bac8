//! Idle series: what has a certain label, nobody holds and does not change is removed.
//!
//! Recording reads no clock, so a sweep compares each candidate with what the last one saw. A series is
//! therefore idle from the first sweep that saw its value on, up to a minute later than it really was.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use metrics::Key;
use metrics_util::registry::Registry;
use tower_watch_layers::clock::{Clock, Instant};

use crate::registers::storage::CellStorage;

/// The shortest time between two sweeps.
const PERIOD: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Seen {
    value: u64,
    since: Instant,
}

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    /// By the series' id.
    seen: HashMap<u64, Seen>,
}

/// Removes idle series.
#[derive(Debug)]
pub(crate) struct Sweeper {
    /// Label name and time.
    rules: Vec<(String, Duration)>,
    clock: Clock,
    state: Mutex<State>,
}

impl Sweeper {
    pub(crate) fn new(rules: Vec<(String, Duration)>, clock: Clock) -> Self {
        Self { rules, clock, state: Mutex::default() }
    }

    /// Sweeps when a minute has passed since the last time. Who comes while another sweeps does nothing.
    ///
    /// Returns how many series were removed.
    pub(crate) fn sweep(&self, registry: &Registry<Key, CellStorage>) -> usize {
        if self.rules.is_empty() {
            return 0;
        }
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(state)) => state.into_inner(),
            Err(TryLockError::WouldBlock) => return 0,
        };
        let now = self.clock.now();
        if state.last.is_some_and(|last| now.since(last) < PERIOD) {
            return 0;
        }
        state.last = Some(now);
        let mut pass =
            Pass { now, before: std::mem::take(&mut state.seen), after: HashMap::new(), removed: 0 };
        registry.retain_counters(|key, cell| {
            self.after(key).is_none_or(|after| pass.keep(after, cell, cell.series.id(), cell.value()))
        });
        registry.retain_gauges(|key, cell| {
            self.after(key)
                .is_none_or(|after| pass.keep(after, cell, cell.series.id(), cell.value().to_bits()))
        });
        registry.retain_histograms(|key, cell| {
            self.after(key).is_none_or(|after| pass.keep(after, cell, cell.series.id(), cell.count()))
        });
        state.seen = pass.after;
        pass.removed
    }

    /// The shortest time that a rule gives this series.
    fn after(&self, key: &Key) -> Option<Duration> {
        let matching = self.rules.iter().filter(|(name, _)| key.labels().any(|label| label.key() == name));
        matching.map(|(_, after)| *after).min()
    }
}

struct Pass {
    now: Instant,
    before: HashMap<u64, Seen>,
    after: HashMap<u64, Seen>,
    removed: usize,
}

impl Pass {
    /// Called under the shard's write lock: when only the registry holds the cell, nobody can get it meanwhile.
    fn keep<Cell>(&mut self, idle_after: Duration, cell: &Arc<Cell>, id: u64, value: u64) -> bool {
        let since = match self.before.remove(&id) {
            Some(seen) if seen.value == value => seen.since,
            _ => self.now,
        };
        if Arc::strong_count(cell) == 1 && self.now.since(since) >= idle_after {
            self.removed += 1;
            return false;
        }
        self.after.insert(id, Seen { value, since });
        true
    }
}
