//! Idle series: what has a certain label, nobody holds and does not change is removed.
//!
//! Recording reads no clock, so a look at the candidates compares each with what the last look saw: a series is
//! idle from the first look at its value on. Everybody who renders looks; a removal comes at most once a minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use metrics::Key;
use metrics_util::registry::Registry;
use tower_watch_layers::clock::{Clock, Instant};

use crate::registers::storage::CellStorage;

/// The shortest time between two sweeps.
const PERIOD: Duration = Duration::from_secs(60);

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

    /// Looks and sweeps when a minute has passed since the last sweep. Returns how many series were removed.
    pub(crate) fn sweep(&self, registry: &Registry<Key, CellStorage>) -> usize {
        let Some(mut state) = self.enter() else { return 0 };
        let now = self.clock.now();
        if state.is_due(now) { self.look(&mut state, registry, now) } else { 0 }
    }

    /// Looks in any case, for one who walks over all series anyway, and sweeps when a minute has passed.
    pub(crate) fn look_and_sweep(&self, registry: &Registry<Key, CellStorage>) -> usize {
        let Some(mut state) = self.enter() else { return 0 };
        self.look(&mut state, registry, self.clock.now())
    }

    /// Who comes while another is at it has nothing to do.
    fn enter(&self) -> Option<MutexGuard<'_, State>> {
        if self.rules.is_empty() {
            return None;
        }
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(state)) => Some(state.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn look(&self, state: &mut State, registry: &Registry<Key, CellStorage>, now: Instant) -> usize {
        let mut look =
            Look { now, before: std::mem::take(&mut state.seen), after: HashMap::new(), idle: false };
        registry.visit_counters(|key, cell| look.at(self.patience(key), cell.series.id(), cell.value()));
        registry
            .visit_gauges(|key, cell| look.at(self.patience(key), cell.series.id(), cell.value().to_bits()));
        registry.visit_histograms(|key, cell| look.at(self.patience(key), cell.series.id(), cell.count()));
        state.seen = look.after;
        if !state.is_due(now) {
            return 0;
        }
        state.swept = Some(now);
        if look.idle { state.remove(registry) } else { 0 }
    }

    /// How long this series may be idle: the shortest time of the rules that fit.
    fn patience(&self, key: &Key) -> Option<Duration> {
        let matching = self.rules.iter().filter(|(name, _)| key.labels().any(|label| label.key() == name));
        matching.map(|(_, after)| *after).min()
    }
}

#[derive(Debug, Default)]
struct State {
    swept: Option<Instant>,
    /// The candidates, by the series' id.
    seen: HashMap<u64, Seen>,
}

#[derive(Debug)]
struct Seen {
    value: u64,
    since: Instant,
    idle: bool,
}

impl State {
    fn is_due(&self, now: Instant) -> bool {
        self.swept.is_none_or(|swept| now.since(swept) >= PERIOD)
    }

    fn remove(&mut self, registry: &Registry<Key, CellStorage>) -> usize {
        let before = self.seen.len();
        registry.retain_counters(|_, cell| self.keep(cell, cell.series.id(), cell.value()));
        registry.retain_gauges(|_, cell| self.keep(cell, cell.series.id(), cell.value().to_bits()));
        registry.retain_histograms(|_, cell| self.keep(cell, cell.series.id(), cell.count()));
        before - self.seen.len()
    }

    /// Called under the write lock of the series' shard: a cell that only the registry holds cannot be handed
    /// out meanwhile, so nothing that is recorded can be lost.
    fn keep<Cell>(&mut self, cell: &Arc<Cell>, id: u64, value: u64) -> bool {
        let unchanged = self.seen.get(&id).is_some_and(|seen| seen.idle && seen.value == value);
        let remove = unchanged && Arc::strong_count(cell) == 1;
        if remove {
            self.seen.remove(&id);
        }
        !remove
    }
}

struct Look {
    now: Instant,
    before: HashMap<u64, Seen>,
    after: HashMap<u64, Seen>,
    /// Whether there is an idle one at all.
    idle: bool,
}

impl Look {
    fn at(&mut self, patience: Option<Duration>, id: u64, value: u64) {
        let Some(patience) = patience else { return };
        let since = match self.before.get(&id) {
            Some(seen) if seen.value == value => seen.since,
            _ => self.now,
        };
        let idle = self.now.since(since) >= patience;
        self.idle |= idle;
        self.after.insert(id, Seen { value, since, idle });
    }
}
