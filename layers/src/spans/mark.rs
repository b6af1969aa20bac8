//! The place of a span in its trace.

use std::sync::Arc;

use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::observe::Slot;
use crate::w3c::TraceContext;

/// What [`SpanLayer`](crate::spans::SpanLayer) knows of a span; it lies in the span's extensions.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Its ids, and whether it is sampled.
    pub context: TraceContext,
    /// The exchange that it belongs to; none for a span outside of all exchanges.
    pub slot: Option<Arc<Slot>>,
    /// Whether it is the exchange's own span.
    pub is_exchange: bool,
    /// Its place in the recording, where it is recorded.
    pub(crate) index: Option<u32>,
}

/// The mark of a span, for another layer of the same subscriber. It is there from the moment that the span is made, for
/// layers that were added after the [`SpanLayer`](crate::spans::SpanLayer).
pub fn mark_of<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>) -> Option<Mark> {
    span.extensions().get::<Mark>().cloned()
}

/// Gives a span other ids than its mark has, from the moment at which it is made: where a tracer of the user's own numbers
/// the spans. For the own span of an exchange they become the exchange's.
pub fn renumber<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>, context: TraceContext) {
    if let Some(mark) = span.extensions_mut().get_mut::<Mark>() {
        mark.context = context;
    }
}
