//! Where series live: a slab of histories, and an index from labels to them.
//!
//! One writer (the tick, or a rule) and any number of readers share it under a lock; a reader copies what it selects
//! and evaluates without the lock. Nobody on the path of a request takes it.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::series::history::{History, Shape};
use crate::series::retention::{RetentionTable, Tiers};
use crate::series::symbols::Symbols;
use crate::series::{Labels, Matcher, STALE, Samples, StoreSettings, is_stale};

/// The series of one process. See the [module](crate::series) for what comes in and what it costs.
#[derive(Debug)]
pub struct Store {
    state: RwLock<State>,
}

/// What a selector found of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Selected {
    /// The series.
    pub labels: Labels,
    /// Its samples, staleness markers included.
    pub samples: Samples,
}

/// A sample that cannot be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppendError {
    /// The series has a sample at this time with another value, or a later one.
    OutOfOrder,
    /// The series would be a new one, and there are as many as there may be.
    Full,
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfOrder => {
                "the series has a sample that is not older; samples of a series are appended in the order of time"
            }
            Self::Full => "the store has as many series as it may have; raise its limit or drop labels",
        })
    }
}

impl std::error::Error for AppendError {}

/// More samples would be read than the caller allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManySamples;

/// How much there is in a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreSize {
    /// Series, those included that have ended and whose past is still kept.
    pub series: usize,
    /// Samples.
    pub samples: usize,
    /// Bytes, as far as the store can count them.
    pub bytes: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self::with_settings(&StoreSettings::default())
    }
}

impl Store {
    /// An empty store with the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store. A [`Retention`](crate::series::Retention) that cannot be is said by [`StoreSettings::problems`].
    #[must_use]
    pub fn with_settings(settings: &StoreSettings) -> Self {
        let retention = settings.retention.compile();
        Self { state: RwLock::new(State::new(retention, settings.max_series, settings.max_bytes)) }
    }

    /// Appends a sample that is nobody's reading of a register: a rule's result, a fill, a test. It keeps the time
    /// that it is given, in milliseconds since the Unix epoch, and has no resolution before it is thinned.
    ///
    /// # Errors
    ///
    /// A sample that is not newer than the last one of its series (the very same sample again is no error); a new
    /// series where there are too many.
    pub fn append(&self, labels: &Labels, time: i64, value: f64) -> Result<(), AppendError> {
        let mut state = self.write();
        let slot = match state.find(labels) {
            Some(slot) => slot,
            None if state.has_room(time) => state.add(labels, Shape::Gauge, 0),
            None => return Err(AppendError::Full),
        };
        state.append(slot, time, value)
    }

    /// The series that pass all `matchers`, in the order of their labels, with their samples from `from` to `to`
    /// (milliseconds, both included).
    ///
    /// Before `from` comes what a coarse past makes necessary: at least one sample, where there is one, and all
    /// within four times the resolution that holds there.
    ///
    /// # Errors
    ///
    /// More than `limit` samples.
    pub fn select(
        &self,
        matchers: &[Matcher],
        from: i64,
        to: i64,
        limit: usize,
    ) -> Result<Vec<Selected>, TooManySamples> {
        let state = self.read();
        let mut selected = Vec::new();
        let mut left = limit;
        for series in state.matching(matchers) {
            let samples = series.history.read(from, to);
            if samples.is_empty() {
                continue;
            }
            left = left.checked_sub(samples.len()).ok_or(TooManySamples)?;
            selected.push(Selected { labels: series.labels.clone(), samples });
        }
        drop(state);
        // Those of one name are in this order.
        if !matchers.iter().any(Matcher::is_exact_name) {
            selected.sort_by(|a, b| a.labels.cmp(&b.labels));
        }
        Ok(selected)
    }

    /// How much there is in it. Walks over all series.
    #[must_use]
    pub fn size(&self) -> StoreSize {
        let state = self.read();
        let samples = state.slots.iter().flatten().map(|series| series.history.len()).sum();
        StoreSize { series: state.series, samples, bytes: state.bytes() }
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a series is in the slab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SlotId(u32);

#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) labels: Labels,
    pub(crate) history: History,
    /// What was counted for it.
    bytes: u32,
}

#[derive(Debug)]
pub(crate) struct State {
    retention: RetentionTable,
    max_series: usize,
    max_bytes: usize,
    slots: Vec<Option<Series>>,
    free: Vec<SlotId>,
    by_labels: HashMap<Labels, SlotId>,
    /// The series of each name, in the order of their labels. What has no name is under the empty one.
    by_name: HashMap<Arc<str>, Vec<SlotId>>,
    symbols: Symbols,
    series: usize,
    /// Without the symbols.
    bytes: usize,
    /// Whether nothing was removed since the last sweep.
    is_swept: bool,
    /// The time for which room was made last.
    evicted: Option<i64>,
}

impl State {
    fn new(retention: RetentionTable, max_series: usize, max_bytes: usize) -> Self {
        Self {
            retention,
            max_series,
            max_bytes,
            slots: Vec::new(),
            free: Vec::new(),
            by_labels: HashMap::new(),
            by_name: HashMap::new(),
            symbols: Symbols::default(),
            series: 0,
            bytes: 0,
            is_swept: true,
            evicted: None,
        }
    }

    /// Whether there is no room for one more series.
    pub(crate) fn is_full(&self) -> bool {
        self.series >= self.max_series || self.bytes() >= self.max_bytes
    }

    pub(crate) fn series_count(&self) -> usize {
        self.series
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.symbols.bytes()
    }

    pub(crate) fn find(&self, labels: &Labels) -> Option<SlotId> {
        self.by_labels.get(labels).copied()
    }

    fn add(&mut self, labels: &Labels, shape: Shape, interval: i64) -> SlotId {
        let tiers = Arc::clone(self.tiers(labels));
        self.insert(labels, History::new(shape, tiers, interval))
    }

    /// The slot of these labels for what a register of this shape reads from now on, whether or not there is room.
    pub(crate) fn resume(&mut self, labels: &Labels, shape: Shape, interval: i64) -> SlotId {
        let Some(slot) = self.find(labels) else { return self.add(labels, shape, interval) };
        if let Some(series) = &mut self.slots[slot.0 as usize] {
            series.history.resume(shape, interval);
        }
        slot
    }

    /// The tiers of a series of these labels.
    pub(crate) fn tiers(&self, labels: &Labels) -> &Tiers {
        self.retention.tiers(labels.name().unwrap_or(""))
    }

    /// All places of the slab, the empty ones too.
    pub(crate) fn slots(&self) -> &[Option<Series>] {
        &self.slots
    }

    /// A slot for labels that have none, with its past, whether or not there is room.
    pub(crate) fn insert(&mut self, labels: &Labels, history: History) -> SlotId {
        let labels = self.symbols.labels(labels);
        let bytes = series_bytes(&labels) + history.heap();
        let series = Series { labels: labels.clone(), history, bytes: bytes as u32 };
        let slot = self.free.pop().unwrap_or(SlotId(self.slots.len() as u32));
        match self.slots.get_mut(slot.0 as usize) {
            Some(place) => *place = Some(series),
            None => {
                // What is doubled is half empty for half of its life.
                if self.slots.len() == self.slots.capacity() {
                    self.slots.reserve_exact(self.slots.len() / 8 + 8);
                }
                self.slots.push(Some(series));
            }
        }
        self.series += 1;
        self.bytes += bytes;
        let name = self.symbols.intern(labels.name().unwrap_or(""));
        let of_name = self.by_name.entry(name).or_default();
        let slots = &self.slots;
        let at = of_name.partition_point(|other| labels_at(slots, *other) < Some(&labels));
        of_name.insert(at, slot);
        self.by_labels.insert(labels, slot);
        slot
    }

    /// Whether there is room for one more series at this time, made by forgetting series that have ended where there
    /// was none. That is tried once for each time: it walks over all series.
    pub(crate) fn has_room(&mut self, time: i64) -> bool {
        if self.is_full() && self.evicted != Some(time) {
            self.evicted = Some(time);
            self.evict_ended();
        }
        !self.is_full()
    }

    /// Forgets series that have ended, those first that ended first: at most a tenth of all that there may be.
    fn evict_ended(&mut self) {
        let ended = |(index, series): (usize, &Option<Series>)| {
            let last = series.as_ref()?.history.last()?;
            is_stale(last.value()).then_some((last.time, SlotId(index as u32)))
        };
        let mut ended: Vec<_> = self.slots.iter().enumerate().filter_map(ended).collect();
        ended.sort_unstable_by_key(|(time, _)| *time);
        ended.truncate(self.max_series / 10 + 1);
        self.remove(ended.into_iter().map(|(_, slot)| slot).collect());
    }

    /// Forgets these series: all of a name at once, for a flood that ends together is forgotten together.
    fn remove(&mut self, over: Vec<SlotId>) {
        let mut names = HashSet::new();
        for slot in over {
            let Some(series) = self.slots[slot.0 as usize].take() else { continue };
            self.free.push(slot);
            self.series -= 1;
            self.bytes -= series.bytes as usize;
            self.by_labels.remove(&series.labels);
            names.insert(series.labels);
        }
        for name in names.iter().map(|labels| labels.name().unwrap_or("")).collect::<HashSet<_>>() {
            let Some(of_name) = self.by_name.get_mut(name) else { continue };
            of_name.retain(|slot| self.slots[slot.0 as usize].is_some());
            if of_name.is_empty() {
                self.by_name.remove(name);
            } else {
                of_name.shrink_to(of_name.len() * 2);
            }
        }
        self.is_swept = false;
    }

    /// Gives back the memory that removed series had: their texts, and the places behind the last one that is left.
    fn sweep(&mut self) {
        let used = self.slots.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        self.slots.truncate(used);
        self.slots.shrink_to(used + used / 8);
        self.free.retain(|slot| (slot.0 as usize) < used);
        self.free.shrink_to(self.free.len() * 2);
        // The first free place first, so that those at the end become free.
        self.free.sort_unstable_by_key(|slot| Reverse(slot.0));
        self.by_labels.shrink_to(self.series * 2);
        self.by_name.shrink_to(self.by_name.len() * 2);
        self.symbols.sweep();
        self.is_swept = true;
    }

    pub(crate) fn get(&self, slot: SlotId) -> Option<&Series> {
        self.slots.get(slot.0 as usize)?.as_ref()
    }

    /// Appends a sample, unless it is not the newest.
    pub(crate) fn append(&mut self, slot: SlotId, time: i64, value: f64) -> Result<(), AppendError> {
        let Some(series) = self.slots[slot.0 as usize].as_mut() else { return Err(AppendError::Full) };
        match series.history.last() {
            Some(last) if last.time == time && last.value().to_bits() == value.to_bits() => Ok(()),
            Some(last) if last.time >= time => Err(AppendError::OutOfOrder),
            _ => {
                series.history.push(time, value);
                Ok(())
            }
        }
    }

    /// Appends a sample, or leaves it where the series has one of this time already: two registers that become one
    /// series.
    #[inline]
    pub(crate) fn push(&mut self, slot: SlotId, time: i64, value: f64) {
        if let Some(series) = &mut self.slots[slot.0 as usize]
            && series.history.last().is_none_or(|last| last.time < time)
        {
            series.history.push(time, value);
        }
    }

    /// Writes the zero that a count began with, at `before` or, where the series has a later sample, right after that,
    /// and in any case before `first`.
    pub(crate) fn begin(&mut self, slot: SlotId, before: i64, first: i64) {
        let Some(series) = &self.slots[slot.0 as usize] else { return };
        let zero = series.history.last().map_or(before, |last| before.max(last.time + 1));
        if zero < first {
            self.push(slot, zero, 0.0);
        }
    }

    /// Says that a series has ended, where nobody has gone on with it at this time.
    pub(crate) fn end(&mut self, slot: SlotId, time: i64) {
        if self.get(slot).is_some_and(|series| series.history.is_live()) {
            self.push(slot, time, STALE);
        }
    }

    /// Ages every `turns`th series, from `turn` on, and counts its bytes anew: all have had theirs after `turns` calls.
    pub(crate) fn age(&mut self, now: i64, turn: usize, turns: usize) {
        let mut over = Vec::new();
        for index in (turn..self.slots.len()).step_by(turns) {
            let Some(series) = &mut self.slots[index] else { continue };
            series.history.age(now);
            if series.history.is_over(now) {
                over.push(SlotId(index as u32));
            }
            let bytes = series_bytes(&series.labels) + series.history.heap();
            self.bytes = self.bytes - series.bytes as usize + bytes;
            series.bytes = bytes as u32;
        }
        if !over.is_empty() {
            self.remove(over);
        }
        if turn == 0 && !self.is_swept {
            self.sweep();
        }
    }

    /// The series that pass, by way of their name where a matcher gives it.
    pub(crate) fn matching<'s>(&'s self, matchers: &'s [Matcher]) -> impl Iterator<Item = &'s Series> {
        let is_name = |matcher: &&Matcher| matcher.name() == "__name__";
        let exact = matchers.iter().find(|matcher| matcher.is_exact_name());
        let names = matchers.iter().filter(is_name);
        let slots: Vec<SlotId> = match exact {
            Some(exact) => self.by_name.get(exact.value()).cloned().unwrap_or_default(),
            None => {
                let passes = |name: &str| names.clone().all(|matcher| matcher.matches(name));
                self.by_name
                    .iter()
                    .filter(|(name, _)| passes(name))
                    .flat_map(|(_, slots)| slots)
                    .copied()
                    .collect()
            }
        };
        slots.into_iter().filter_map(|slot| self.get(slot)).filter(|series| {
            matchers.iter().all(|matcher| matcher.matches(series.labels.get(matcher.name())))
        })
    }
}

fn labels_at(slots: &[Option<Series>], slot: SlotId) -> Option<&Labels> {
    slots[slot.0 as usize].as_ref().map(|series| &series.labels)
}

/// What a series takes beside its samples: itself, its labels (whose texts are shared), and its places in the index,
/// which is half full at least.
fn series_bytes(labels: &Labels) -> usize {
    const ENTRY: usize = size_of::<(Labels, SlotId)>() + 1;
    const INDEX: usize = ENTRY + ENTRY / 2 + 2 * size_of::<SlotId>();
    size_of::<Option<Series>>() + INDEX + size_of_val(labels.rest()) + 2 * size_of::<usize>()
}
