//! Whose line it is.

use std::sync::Arc;

use tower_watch_layers::observe::Slot;
use tower_watch_layers::spans::{self, mark_of};
use tower_watch_layers::w3c::TraceContext;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The exchange that an event belongs to, and its place in the trace.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    pub(crate) trace: Option<TraceContext>,
    slot: Option<Arc<Slot>>,
}

impl Ids {
    /// Of the parent that the event names, or else of the thread: a filter may hide a span from this layer, and never from the
    /// thread.
    ///
    /// The lock of the span is given back before anything of the event is formatted: its `Debug` may log.
    pub(crate) fn of<S>(event: &Event<'_>, subscriber: &Context<'_, S>) -> Self
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let parent = event.parent().and_then(|parent| subscriber.span(parent));
        match parent.and_then(|parent| mark_of(&parent)) {
            Some(mark) => Self { trace: Some(mark.context), slot: mark.slot },
            None => Self { trace: spans::current(), slot: spans::current_slot() },
        }
    }

    /// What the exchange shares.
    pub(crate) fn slot(&self) -> Option<&Slot> {
        self.slot.as_deref()
    }
}
