//! The trace behind a bucket: one slot for each.

use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::SystemTime;

use tower_watch_layers::clock::Clock;
use tower_watch_layers::exemplar::current;
use tower_watch_layers::w3c::TraceId;

/// One measured value and the trace that it came from.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Exemplar {
    /// The trace.
    pub trace_id: TraceId,
    /// The value, in the histogram's unit.
    pub value: f64,
    /// When it was recorded.
    pub at: SystemTime,
}

/// The last exemplar of each bucket.
#[derive(Debug)]
pub(crate) struct Exemplars {
    clock: Clock,
    slots: Box<[Mutex<Option<Exemplar>>]>,
}

impl Exemplars {
    pub(crate) fn new(clock: Clock, buckets: usize) -> Self {
        Self { clock, slots: (0..buckets).map(|_| Mutex::new(None)).collect() }
    }

    /// Notes the current trace, if there is one. A slot that somebody else holds is left to them.
    pub(crate) fn note(&self, bucket: usize, value: f64) {
        let Some(trace_id) = current() else { return };
        let Some(slot) = self.slots.get(bucket) else { return };
        let at = self.clock.wall();
        match slot.try_lock() {
            Ok(mut slot) => *slot = Some(Exemplar { trace_id, value, at }),
            Err(TryLockError::Poisoned(slot)) => *slot.into_inner() = Some(Exemplar { trace_id, value, at }),
            Err(TryLockError::WouldBlock) => {}
        }
    }

    pub(crate) fn read(&self) -> Vec<Option<Exemplar>> {
        self.slots.iter().map(|slot| *slot.lock().unwrap_or_else(PoisonError::into_inner)).collect()
    }
}

#[cfg(test)]
mod tests {
    use tower_watch_layers::exemplar::with;

    use super::*;

    #[test]
    fn a_held_slot_is_skipped_and_not_waited_for() {
        let exemplars = Exemplars::new(Clock::fake().0, 2);
        let [first, second] = [1, 2].map(|byte| TraceId::from_bytes([byte; 16]));
        with(first, || exemplars.note(0, 0.5));
        let held = exemplars.slots[0].lock().expect("nobody has panicked");
        with(second, || exemplars.note(0, 0.7));
        drop(held);
        assert_eq!(exemplars.read()[0].map(|exemplar| exemplar.trace_id), first);
        assert_eq!(exemplars.read()[1], None);
    }
}
