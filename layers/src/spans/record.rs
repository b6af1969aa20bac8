//! Writes spans and events into the recording of their exchange.
//!
//! Each thing is done in two steps: a place is taken, then the fields are formatted, while nothing is locked, and copied
//! there. What has no place is not formatted.

use std::sync::Arc;

use tracing::Event;
use tracing::span::{Attributes, Record};

use crate::clock::Instant;
use crate::observe::Slot;
use crate::recording::{Limits, NewSpan, Recording};
use crate::spans::Mark;
use crate::spans::secrets::Secrets;
use crate::spans::values::collect;
use crate::w3c::TraceContext;

/// How it is recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) limits: Limits,
    pub(crate) secrets: Secrets,
}

impl Recorder {
    fn recording<'a>(&self, slot: &'a Slot) -> &'a Recording {
        slot.recording_or(|| Recording::new(self.limits))
    }

    /// Records a span of the exchange, which begins now. Its place, where it found one: a span that is part of another trace,
    /// a message's that was sent elsewhere, is no part of the exchange's.
    pub(crate) fn open(
        &self,
        slot: &Slot,
        anchor: Option<u32>,
        context: &TraceContext,
        attributes: &Attributes<'_>,
    ) -> Option<u32> {
        let exchange = slot.trace().filter(|own| own.trace_id == context.trace_id)?.span_id;
        let recording = self.recording(slot);
        let at = slot.clock().now();
        let new = NewSpan { metadata: attributes.metadata(), span_id: context.span_id, anchor, exchange, at };
        let index = recording.open(&new)?;
        if !attributes.is_empty() {
            let taken = collect(
                &self.secrets,
                self.limits.value_bytes,
                |visitor| attributes.record(visitor),
                |fields| recording.set_fields(index, fields),
            );
            if taken.is_none() {
                recording.drop_fields(attributes.fields().len());
            }
        }
        Some(index)
    }

    /// Records fields that came later.
    pub(crate) fn fields(&self, slot: &Slot, index: u32, values: &Record<'_>) {
        let Some(recording) = slot.recording() else { return };
        let taken = collect(
            &self.secrets,
            self.limits.value_bytes,
            |visitor| values.record(visitor),
            |fields| recording.set_fields(index, fields),
        );
        if taken.is_none() {
            recording.drop_fields(values.len());
        }
    }

    /// Records an event in a span, or in the exchange's own.
    pub(crate) fn event(&self, slot: &Slot, index: Option<u32>, event: &Event<'_>) {
        let recording = self.recording(slot);
        if !recording.has_place_for_event() {
            return;
        }
        let at = slot.clock().now();
        let taken = collect(
            &self.secrets,
            self.limits.value_bytes,
            |visitor| event.record(visitor),
            |fields| recording.event(index, event.metadata(), at, fields),
        );
        if taken.is_none() {
            recording.drop_event();
        }
    }
}

/// Since when a span is busy that is entered now.
pub(crate) fn busy_since(slot: &Slot) -> Option<Instant> {
    slot.wants_recording().then(|| slot.clock().now())
}

/// A span was busy since then, and is left now.
pub(crate) fn busy(slot: &Slot, index: u32, since: Instant) {
    if slot.wants_recording()
        && let Some(recording) = slot.recording()
    {
        recording.busy(index, slot.clock().now().since(since));
    }
}

/// A recorded span is closed.
pub(crate) fn close(mark: &Mark) {
    if let (Some(slot), Some(index)) = (&mark.slot, mark.anchor)
        && slot.wants_recording()
        && let Some(recording) = slot.recording()
    {
        recording.close(index, slot.clock().now());
    }
}

/// Whether what happens in an exchange is recorded.
pub(crate) fn wanted(slot: Option<&Arc<Slot>>) -> Option<&Arc<Slot>> {
    slot.filter(|slot| slot.wants_recording())
}
