//! The place of a span in its trace.

use std::sync::Arc;

use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::observe::Slot;
use crate::w3c::{RemoteParent, TraceContext};

/// What [`SpanLayer`](crate::spans::SpanLayer) knows of a span.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Its ids, and whether it is sampled. Where the span has no parent in the process and there is one in here, that
    /// is elsewhere.
    pub context: TraceContext,
    /// A span elsewhere, or of an earlier attempt, that it is linked to.
    pub link: Option<RemoteParent>,
    /// The exchange that it belongs to; none for a span outside of all exchanges.
    pub slot: Option<Arc<Slot>>,
    /// Whether it is the exchange's own span.
    pub is_exchange: bool,
    /// Its place in the recording or, where it has none, that of the closest span above it; none for the exchange's own.
    pub(crate) anchor: Option<u32>,
    /// Whether the anchor is its own.
    pub(crate) is_recorded: bool,
}

/// The mark of a span, for another layer of the same subscriber. It is there from the moment that the span is made, for
/// layers that were added after the [`SpanLayer`](crate::spans::SpanLayer).
pub fn mark_of<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>) -> Option<Mark> {
    span.extensions().get::<Marked>().map(|marked| marked.0.clone())
}

/// Gives a span other ids than its mark has, from the moment at which it is made: where a tracer of the user's own numbers
/// the spans. For the own span of an exchange they become the exchange's.
pub fn renumber<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>, context: TraceContext) {
    let mut extensions = span.extensions_mut();
    let Some(Marked(mark)) = extensions.get_mut::<Marked>() else { return };
    mark.context = context;
    if let Some(slot) = mark.slot.as_ref().filter(|_| mark.is_exchange) {
        slot.renumber(context);
    }
}

/// The mark as it lies in the span's extensions: with the span goes its time in the recording, without a look-up.
#[derive(Debug)]
pub(crate) struct Marked(pub(crate) Mark);

impl Drop for Marked {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_recorded {
            crate::spans::record::close(&self.0);
        }
    }
}
