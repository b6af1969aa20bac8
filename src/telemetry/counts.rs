//! What went out and what did not, and why: one way of counting for log lines, OTLP and Sentry.
//!
//! Counted in plain atomics where it happens, which may be in a request, and handed to a recorder later: that of the first
//! watch that uses the telemetry, without one that of the process. What is counted before there is either waits here. The
//! registers of a watch are not held on to: a watch that is gone gives way to the next one.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use metrics::{Key, Label, Level, Metadata, Recorder, SharedString};

use crate::registers::{Registers, WeakRegisters};

const EXPORTED: &str = "tower_watch_telemetry_exported_total";
const DROPPED: &str = "tower_watch_telemetry_dropped_total";

static METADATA: Metadata<'static> = Metadata::new("tower_watch::telemetry", Level::INFO, None);

/// Why something did not go out: the label `reason`.
pub(crate) trait Reason: Copy + 'static {
    /// All of them, each with its value of the label.
    const ALL: &'static [(Self, &'static str)];

    /// Its place in that list.
    fn place(self) -> usize;
}

/// The counts of one signal, all destinations together.
pub(crate) struct Counts<R> {
    signal: &'static str,
    exported: Count,
    dropped: Box<[Count]>,
    attached: Mutex<Option<WeakRegisters>>,
    reasons: PhantomData<fn(R)>,
}

/// One number, and how much of it a recorder knows.
#[derive(Debug, Default)]
pub(crate) struct Count {
    total: AtomicU64,
    published: AtomicU64,
}

impl<R: Reason> Counts<R> {
    pub(crate) fn new(signal: &'static str) -> Self {
        Self {
            signal,
            exported: Count::default(),
            dropped: R::ALL.iter().map(|_| Count::default()).collect(),
            attached: Mutex::new(None),
            reasons: PhantomData,
        }
    }

    /// Counts what went out.
    pub(crate) fn export(&self, items: u64) {
        self.exported.add(items);
    }

    /// Counts what did not.
    pub(crate) fn lose(&self, reason: R, items: u64) {
        self.dropped[reason.place()].add(items);
    }

    /// How many were dropped for a reason.
    pub(crate) fn dropped(&self, reason: R) -> u64 {
        self.dropped[reason.place()].total()
    }

    /// Whether something was dropped that no recorder knows yet.
    pub(crate) fn has_unpublished_drops(&self) -> bool {
        self.dropped.iter().any(Count::is_unpublished)
    }

    /// Where the numbers go from now on, as long as somebody holds it. The first word counts.
    pub(crate) fn record_into(&self, registers: &Registers) {
        let mut attached = self.attached.lock().unwrap_or_else(PoisonError::into_inner);
        if attached.as_ref().and_then(WeakRegisters::upgrade).is_none() {
            *attached = Some(registers.downgrade());
        }
        drop(attached);
        self.publish();
    }

    /// Hands over what came since the last time; where there is nobody to take it, it is kept.
    pub(crate) fn publish(&self) {
        self.with_recorder(|recorder| {
            self.increment(recorder, &self.exported, EXPORTED, None);
            for (count, (_, reason)) in self.dropped.iter().zip(R::ALL) {
                self.increment(recorder, count, DROPPED, Some(reason));
            }
        });
    }

    fn attached(&self) -> Option<Registers> {
        let attached = self.attached.lock().unwrap_or_else(PoisonError::into_inner);
        attached.as_ref().and_then(WeakRegisters::upgrade)
    }

    /// Hands over the recorder that counts, where there is one.
    pub(crate) fn with_recorder(&self, record: impl FnOnce(&dyn Recorder)) {
        match self.attached() {
            Some(registers) => record(&registers),
            None => metrics::with_recorder(|recorder| {
                // The facade's recorder that does nothing is the one without a size.
                if size_of_val(recorder) > 0 {
                    record(recorder);
                }
            }),
        }
    }

    /// Hands over what came of one number.
    pub(crate) fn increment(
        &self,
        recorder: &dyn Recorder,
        count: &Count,
        name: &'static str,
        reason: Option<&'static str>,
    ) {
        let Some(by) = count.take() else { return };
        let mut labels = vec![Label::from_static_parts("signal", self.signal)];
        labels.extend(reason.map(|reason| Label::from_static_parts("reason", reason)));
        let key = Key::from_parts(SharedString::const_str(name), labels);
        recorder.register_counter(&key, &METADATA).increment(by);
    }
}

impl<R> fmt::Debug for Counts<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counts").field("signal", &self.signal).finish_non_exhaustive()
    }
}

impl Count {
    pub(crate) fn add(&self, items: u64) {
        self.total.fetch_add(items, Ordering::Relaxed);
    }

    pub(crate) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    fn is_unpublished(&self) -> bool {
        self.total() > self.published.load(Ordering::Relaxed)
    }

    /// What nobody else hands over: two threads may be at it.
    fn take(&self) -> Option<u64> {
        let total = self.total();
        let published = self.published.fetch_max(total, Ordering::Relaxed);
        total.checked_sub(published).filter(|by| *by > 0)
    }
}

#[cfg(any(feature = "otlp", feature = "sentry"))]
impl<R> Counts<R> {
    /// How many were dropped for any reason.
    pub(crate) fn all_dropped(&self) -> u64 {
        self.dropped.iter().map(Count::total).sum()
    }
}

#[cfg(test)]
impl<R> Counts<R> {
    /// How many went out.
    pub(crate) fn exported(&self) -> u64 {
        self.exported.total()
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, DROPPED, EXPORTED, Reason};
    use crate::registers::Registers;

    #[derive(Clone, Copy)]
    enum Why {
        Late,
        Early,
    }

    impl Reason for Why {
        const ALL: &'static [(Self, &'static str)] = &[(Self::Late, "late"), (Self::Early, "early")];

        fn place(self) -> usize {
            self as usize
        }
    }

    fn known(registers: &Registers, name: &str, reason: &[(&str, &str)]) -> u64 {
        registers.snapshot().counter(name, &[&[("signal", "letters")], reason].concat())
    }

    #[test]
    fn what_was_counted_before_there_is_a_watch_is_not_lost() {
        let counts = Counts::<Why>::new("letters");
        counts.export(3);
        counts.lose(Why::Early, 2);
        counts.publish();
        assert_eq!(counts.exported(), 3);
        assert!(counts.has_unpublished_drops(), "nobody took it");
        let registers = Registers::new();
        counts.record_into(&registers);
        assert_eq!(known(&registers, EXPORTED, &[]), 3);
        assert_eq!(known(&registers, DROPPED, &[("reason", "early")]), 2);
        assert!(!counts.has_unpublished_drops());
        counts.publish();
        assert_eq!(known(&registers, EXPORTED, &[]), 3, "nothing is counted twice");
        assert_eq!((counts.dropped(Why::Early), counts.dropped(Why::Late)), (2, 0));
    }

    #[test]
    fn the_first_watch_counts_until_it_is_gone_and_is_not_held() {
        let counts = Counts::<Why>::new("letters");
        let (first, second) = (Registers::new(), Registers::new());
        counts.record_into(&first);
        counts.record_into(&second);
        counts.lose(Why::Late, 1);
        counts.publish();
        assert_eq!(known(&first, DROPPED, &[("reason", "late")]), 1);
        let weak = first.downgrade();
        drop(first);
        assert!(weak.upgrade().is_none(), "nothing holds it");
        counts.lose(Why::Late, 5);
        counts.publish();
        counts.record_into(&second);
        assert_eq!(known(&second, DROPPED, &[("reason", "late")]), 5);
    }

    #[test]
    fn many_threads_hand_over_each_item_once() {
        let (counts, registers) = (Counts::<Why>::new("letters"), Registers::new());
        counts.record_into(&registers);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..2_000 {
                        counts.export(1);
                        counts.publish();
                    }
                });
            }
        });
        assert_eq!(known(&registers, EXPORTED, &[]), 16_000);
    }
}
