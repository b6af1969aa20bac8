//! Whose line it is.

use std::sync::Arc;

use tower_watch_layers::observe::Slot;
use tower_watch_layers::spans::{self, mark_of};
use tower_watch_layers::w3c::TraceContext;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::RequestContext;

/// The exchange that an event belongs to, and its place in the trace.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    pub(crate) trace: Option<TraceContext>,
    exchange: Option<Exchange>,
}

#[derive(Debug)]
enum Exchange {
    OfSpan(Arc<Slot>),
    OfThread(RequestContext),
}

impl Ids {
    /// Of the event's span, which knows its exchange also on another thread; where that says nothing, of the thread.
    ///
    /// The lock of the span is given back before anything of the event is formatted: its `Debug` may log.
    pub(crate) fn of<S>(event: &Event<'_>, subscriber: &Context<'_, S>) -> Self
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let mark = subscriber.event_span(event).and_then(|span| mark_of(&span));
        let (trace, slot) = mark.map_or((None, None), |mark| (Some(mark.context), mark.slot));
        // A filter may hide the innermost span from this layer, and never from the thread.
        let entered = || spans::current().or(trace);
        let trace = if event.is_contextual() { entered() } else { trace.or_else(spans::current) };
        let exchange = match slot {
            Some(slot) => Some(Exchange::OfSpan(slot)),
            None => RequestContext::current().map(Exchange::OfThread),
        };
        Self { trace, exchange }
    }

    /// What the exchange shares.
    pub(crate) fn slot(&self) -> Option<&Slot> {
        match self.exchange.as_ref()? {
            Exchange::OfSpan(slot) => Some(slot),
            Exchange::OfThread(context) => Some(context.slot()),
        }
    }
}
