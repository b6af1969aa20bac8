//! The recording of one exchange: the arena behind its lock.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::Metadata;

use crate::clock::Instant;
use crate::recording::arena::{Arena, NewSpan};
use crate::recording::{DroppedSpans, Fields, Limits, RecordedEvent, RecordedSpan, pool};

/// The spans of one exchange, while they are recorded and after.
///
/// No reader and no writer runs foreign code while it is locked. Each of the readers copies what it answers with.
pub struct Recording {
    arena: Mutex<Arena>,
    limits: Limits,
}

impl Recording {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { arena: Mutex::new(pool::take()), limits })
    }

    fn lock(&self) -> MutexGuard<'_, Arena> {
        self.arena.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The arena, until the exchange is over.
    fn write(&self) -> Option<MutexGuard<'_, Arena>> {
        Some(self.lock()).filter(|arena| !arena.is_over)
    }

    /// The spans so far, in the order in which they were made.
    #[must_use]
    pub fn spans(&self) -> Vec<RecordedSpan> {
        self.lock().read_spans()
    }

    /// What was logged in the exchange's own span.
    #[must_use]
    pub fn events(&self) -> Vec<RecordedEvent> {
        self.lock().read_own_events()
    }

    /// Whether an event of level ERROR was among [`events`](Self::events).
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.lock().own_error()
    }

    /// How many spans found no place.
    #[must_use]
    pub fn dropped_spans(&self) -> usize {
        self.lock().dropped.spans
    }

    /// The same by the span above and by name, for the first 64 such pairs.
    #[must_use]
    pub fn dropped_by_name(&self) -> Vec<DroppedSpans> {
        self.lock().dropped.by_name.clone()
    }

    /// How many events found no place.
    #[must_use]
    pub fn dropped_events(&self) -> usize {
        self.lock().dropped.events
    }

    /// How many fields, of spans and events that have a place, found none.
    #[must_use]
    pub fn dropped_fields(&self) -> usize {
        self.lock().dropped.fields
    }

    /// How many values were longer than they may be, and were cut.
    #[must_use]
    pub fn cut_values(&self) -> usize {
        self.lock().dropped.cut_values
    }

    /// Bytes of the spans, fields and events, with their texts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lock().bytes()
    }
}

impl Recording {
    pub(crate) fn open(&self, new: &NewSpan) -> Option<u32> {
        self.write()?.open(new, &self.limits)
    }

    pub(crate) fn set_fields(&self, span: u32, fields: &Fields) {
        if let Some(mut arena) = self.write() {
            arena.set_fields(span, fields, &self.limits);
        }
    }

    /// Notes fields that could not be looked at.
    pub(crate) fn drop_fields(&self, count: usize) {
        if let Some(mut arena) = self.write() {
            arena.dropped.fields += count;
        }
    }

    /// Whether there is place for an event; where there is none, it is counted.
    pub(crate) fn has_place_for_event(&self) -> bool {
        let Some(mut arena) = self.write() else { return false };
        let has_place = arena.has_place_for_event(&self.limits);
        if !has_place {
            arena.dropped.events += 1;
        }
        has_place
    }

    pub(crate) fn event(
        &self,
        span: Option<u32>,
        metadata: &'static Metadata<'static>,
        at: Instant,
        fields: &Fields,
    ) {
        if let Some(mut arena) = self.write() {
            arena.event(span, metadata, at, fields, &self.limits);
        }
    }

    /// Notes an event that could not be looked at.
    pub(crate) fn drop_event(&self) {
        if let Some(mut arena) = self.write() {
            arena.dropped.events += 1;
        }
    }

    pub(crate) fn busy(&self, span: u32, time: Duration) {
        if let Some(mut arena) = self.write() {
            arena.busy(span, time);
        }
    }

    pub(crate) fn close(&self, span: u32, at: Instant) {
        if let Some(mut arena) = self.write() {
            arena.close(span, at);
        }
    }

    /// From now on nothing more is recorded.
    pub(crate) fn finish(&self) {
        self.lock().is_over = true;
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let arena = self.arena.get_mut().unwrap_or_else(PoisonError::into_inner);
        pool::give(std::mem::take(arena));
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arena = self.lock();
        f.debug_struct("Recording")
            .field("bytes", &arena.bytes())
            .field("dropped", &arena.dropped)
            .field("is_over", &arena.is_over)
            .finish_non_exhaustive()
    }
}
