//! The tick: reads every register once and appends what it read.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::time::Duration;

use tower_watch_layers::clock::Clock;

use crate::registers::{Kind, Reading, Registers, SeriesKey};
use crate::series::history::Shape;
use crate::series::meters::Meters;
use crate::series::overflow::Overflow;
use crate::series::reading::{Copied, label_sets, single, values};
use crate::series::store::{SlotId, State};
use crate::series::timeline::Timeline;
use crate::series::{Labels, SamplerSettings, Store};

/// The label of the series that stands for all that were too many.
const OVERFLOW: (&str, &str) = ("overflow", "true");

/// For at most so many names; what is of another name then is not kept.
const OVERFLOWS: usize = 1_000;

/// Each series has its turn to be thinned once in so many ticks.
const TURNS: u64 = 12;

/// How late or early, as a part of the interval, a tick may come and still carry the time at which it was due.
const PUNCTUAL: i64 = 100;

/// Reads registers into a store, tick by tick.
///
/// A tick appends the value of every register, in one pass. A counter or histogram that is new begins with a zero at
/// the tick before, so that its first increments are seen by `rate` and `increase`; a register that is gone leaves a
/// staleness marker. `up` is 1 at each tick. Where the store is full, what is new takes the place of series that have
/// ended, and is added up in one series of its name only where there are none.
///
/// Ticks are due on whole multiples of the interval, and one that comes at most a hundredth of it late, or early,
/// carries the time at which it was due. Time is the wall clock's, but never goes back.
///
/// One tick over 10,000 series takes less than a millisecond, on the caller's thread, and holds the store's lock
/// meanwhile: no request waits for that.
#[derive(Debug)]
pub struct Sampler {
    store: Arc<Store>,
    interval: i64,
    labels: Vec<(String, String)>,
    clock: Clock,
    timeline: Timeline,
    tracked: HashMap<u64, Tracked, BuildHasherDefault<IdHasher>>,
    overflows: Vec<Overflow>,
    overflow_index: HashMap<(Kind, String), usize>,
    up: Option<SlotId>,
    meters: Meters,
    ticks: u64,
    last: Option<i64>,
    /// The time of the last sample that was there before the first tick.
    behind: Option<i64>,
    overflowed: Overflowed,
}

/// A register that the last tick has not seen, and what it reads.
#[derive(Debug)]
struct Newcomer {
    key: Arc<SeriesKey>,
    value: Copied,
}

impl Newcomer {
    fn new(key: &Arc<SeriesKey>, reading: Reading<'_>) -> Self {
        Self { key: Arc::clone(key), value: Copied::of(reading) }
    }
}

/// Whether the operator knows that the store is full.
#[derive(Debug)]
enum Overflowed {
    Never,
    /// By a register of this name, and nobody was told.
    By(String),
    Told,
}

/// Where the values of one register go.
#[derive(Debug)]
struct Tracked {
    place: Place,
    /// The number of the tick that saw it last.
    seen: u64,
}

#[derive(Debug)]
enum Place {
    One(SlotId),
    /// The buckets of a histogram, its sum and its count.
    Many(Box<[SlotId]>),
    /// Into the overflow of its kind and name.
    Overflow(usize),
    /// Nowhere: there is no room even for that.
    Nowhere,
}

impl Sampler {
    /// A sampler of these registers. The store's own metrics are registered there too. It keeps no hold of the
    /// registers themselves.
    #[must_use]
    pub fn new(store: Arc<Store>, registers: &Registers, settings: SamplerSettings) -> Self {
        let SamplerSettings { interval, labels, clock } = settings;
        Self {
            store,
            meters: Meters::new(registers),
            interval: i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1),
            labels,
            timeline: Timeline::new(clock.clone()),
            clock,
            tracked: HashMap::default(),
            overflows: Vec::new(),
            overflow_index: HashMap::new(),
            up: None,
            ticks: 0,
            last: None,
            behind: None,
            overflowed: Overflowed::Never,
        }
    }

    /// The store that is written to.
    #[must_use]
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The labels that are on every series.
    #[must_use]
    pub fn target(&self) -> Labels {
        Labels::new(self.labels.iter().cloned())
    }

    /// The present time of the samples, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.timeline.now()
    }

    /// The same present, for who must not wait for a tick.
    pub(crate) fn timeline(&self) -> Timeline {
        self.timeline.clone()
    }

    /// Goes on behind samples that are in the store already, the last one of which carries this time: also where the
    /// wall clock was set back meanwhile.
    pub fn resume(&mut self, latest: i64) {
        self.timeline.not_before(latest.saturating_add(1));
        self.behind = self.behind.max(Some(latest));
    }

    /// How long it is until the next tick is due.
    #[must_use]
    pub fn until_due(&self) -> Duration {
        let now = self.timeline.now();
        let next = now - now.rem_euclid(self.interval) + self.interval;
        // The last tick came a little early, and was this one.
        let due = if self.last == Some(next) { next + self.interval } else { next };
        Duration::from_millis((due - now).unsigned_abs())
    }

    /// One tick over the registers that it was made for. Returns the time that its samples carry, or `None` where
    /// samples that are there already carry that time.
    pub fn tick(&mut self, registers: &Registers) -> Option<i64> {
        let began = self.clock.now();
        let now = self.timeline.now();
        let since_due = now.rem_euclid(self.interval);
        let until_due = self.interval - since_due;
        let (time, late) = if since_due <= self.interval / PUNCTUAL {
            (now - since_due, since_due)
        } else if until_due <= self.interval / PUNCTUAL {
            (now + until_due, 0)
        } else {
            (now, since_due)
        };
        // Behind what is there already, a millisecond is left for the zero that a count begins with.
        let behind = self.behind.map(|latest| latest.saturating_add(1));
        if self.last.max(behind).is_some_and(|last| time <= last) {
            return None;
        }
        registers.sweep_idle();
        self.ticks += 1;
        let store = Arc::clone(&self.store);
        let mut state = store.write();
        let turn = (self.ticks % TURNS) as usize;
        let mut newcomers = Vec::new();
        registers.visit(|key, reading| {
            if !self.read(&mut state, key, reading, time) {
                newcomers.push(Newcomer::new(key, reading));
            }
        });
        // To find a place takes a hundred times as long as to write to it. Whoever registers a metric in the same part
        // of the registers meanwhile is on the path of a request, and must not wait for that.
        for newcomer in &newcomers {
            self.take_in(&mut state, newcomer, time);
        }
        self.end_those_that_are_gone(&mut state, time);
        self.write_overflows(&mut state, time);
        self.write_up(&mut state, time);
        state.age(time, turn, TURNS as usize);
        let (series, bytes) = (state.series_count(), state.bytes());
        drop(state);
        self.last = Some(time);
        self.warn_of_overflow();
        self.meters.series.set(series as f64);
        self.meters.bytes.set(bytes as f64);
        self.meters.lag.set(late as f64 / 1e3);
        self.meters.duration.set(self.clock.now().since(began).as_secs_f64());
        Some(time)
    }

    /// Writes down what a register reads, if the last tick has seen it; says so.
    fn read(&mut self, state: &mut State, key: &SeriesKey, reading: Reading<'_>, time: i64) -> bool {
        let Some(tracked) = self.tracked.get_mut(&key.id()) else { return false };
        tracked.seen = self.ticks;
        write(state, &mut self.overflows, &tracked.place, (key, reading), (self.ticks, time));
        true
    }

    fn take_in(&mut self, state: &mut State, Newcomer { key, value }: &Newcomer, time: i64) {
        let (seen, reading) = (self.ticks, value.reading());
        let place = self.place(state, key, reading, time);
        write(state, &mut self.overflows, &place, (key, reading), (seen, time));
        self.tracked.insert(key.id(), Tracked { place, seen });
    }

    fn write_overflows(&mut self, state: &mut State, time: i64) {
        for overflow in &mut self.overflows {
            let sums = overflow.sums(self.ticks);
            overflow.slots.iter().zip(sums).for_each(|(slot, sum)| state.push(*slot, time, sum));
        }
    }

    fn end_those_that_are_gone(&mut self, state: &mut State, time: i64) {
        let ticks = self.ticks;
        let before = self.tracked.len();
        self.tracked.retain(|_, tracked| {
            if tracked.seen == ticks {
                return true;
            }
            match &tracked.place {
                Place::One(slot) => state.end(*slot, time),
                Place::Many(slots) => slots.iter().for_each(|slot| state.end(*slot, time)),
                Place::Overflow(_) | Place::Nowhere => {}
            }
            false
        });
        if self.tracked.len() < before {
            self.tracked.shrink_to(self.tracked.len() * 2);
        }
    }

    /// Finds the place of a register that was not there at the last tick.
    fn place(&mut self, state: &mut State, key: &SeriesKey, reading: Reading<'_>, time: i64) -> Place {
        let all = label_sets(&self.labels, key.name(), &key.labels().collect::<Vec<_>>(), reading);
        let fits = all.iter().all(|labels| state.find(labels).is_some()) || state.has_room(time);
        if !fits {
            return self.place_in_overflow(state, key, reading, time);
        }
        let slots = self.begin(state, &all, key.kind(), time);
        match &*slots {
            [slot] => Place::One(*slot),
            _ => Place::Many(slots),
        }
    }

    fn place_in_overflow(
        &mut self,
        state: &mut State,
        key: &SeriesKey,
        reading: Reading<'_>,
        time: i64,
    ) -> Place {
        self.meters.overflow.increment(1);
        if matches!(self.overflowed, Overflowed::Never) {
            self.overflowed = Overflowed::By(key.name().to_owned());
        }
        let of = (key.kind(), key.name().to_owned());
        if let Some(index) = self.overflow_index.get(&of) {
            return Place::Overflow(*index);
        }
        // Names can be too many as well.
        if self.overflows.len() >= OVERFLOWS {
            return Place::Nowhere;
        }
        let all = label_sets(&self.labels, key.name(), &[OVERFLOW], reading);
        let slots = self.begin(state, &all, key.kind(), time);
        self.overflows.push(Overflow::new(slots, key.kind() != Kind::Gauge));
        self.overflow_index.insert(of, self.overflows.len() - 1);
        Place::Overflow(self.overflows.len() - 1)
    }

    /// Says once that the store is full; not while registers are read, for who writes the log may count its lines.
    fn warn_of_overflow(&mut self) {
        if let Overflowed::By(metric) = &self.overflowed {
            tracing::warn!(
                metric = metric.as_str(),
                "the series store is full: new label sets are added up in one series of their name \
                 ({{overflow=\"true\"}}); look for a label with too many values, or raise the limit"
            );
            self.overflowed = Overflowed::Told;
        }
    }

    /// The slots of these series, each begun at the tick before this one.
    fn begin(&self, state: &mut State, all: &[Labels], kind: Kind, time: i64) -> Box<[SlotId]> {
        let shape = if kind == Kind::Gauge { Shape::Gauge } else { Shape::Counter };
        let before = self.last.unwrap_or(time - self.interval);
        let slots = all.iter().map(|labels| {
            let slot = state.resume(labels, shape, self.interval);
            if shape == Shape::Counter {
                state.begin(slot, before, time);
            }
            slot
        });
        slots.collect()
    }

    fn write_up(&mut self, state: &mut State, time: i64) {
        let slot = self.up.get_or_insert_with(|| {
            let labels = self.labels.iter().cloned().chain([("__name__".to_owned(), "up".to_owned())]);
            let labels = Labels::new(labels);
            state.resume(&labels, Shape::Gauge, self.interval)
        });
        state.push(*slot, time, 1.0);
    }
}

/// Writes a reading to its place.
fn write(
    state: &mut State,
    overflows: &mut [Overflow],
    place: &Place,
    (key, reading): (&SeriesKey, Reading<'_>),
    (tick, time): (u64, i64),
) {
    match place {
        Place::One(slot) => state.push(*slot, time, single(reading)),
        Place::Many(slots) => {
            slots.iter().zip(values(reading)).for_each(|(slot, value)| state.push(*slot, time, value));
        }
        Place::Overflow(index) => overflows[*index].read(key.id(), tick, values(reading)),
        Place::Nowhere => {}
    }
}

/// The ids of registers count up from one: they are their own hash, spread over the upper bits.
#[derive(Debug, Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, id: u64) {
        self.0 = id.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
