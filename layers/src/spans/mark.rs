//! The place of a span in its trace.

use std::sync::Arc;

use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::observe::Slot;
use crate::w3c::{RemoteParent, TraceContext};

/// What [`SpanLayer`](crate::spans::SpanLayer) knows of a span; it lies in the span's extensions.
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
    /// Its place in the recording, where it is recorded.
    pub(crate) index: Option<u32>,
}

/// The mark of a span, for another layer of the same subscriber. It is there from the moment that the span is made, for
/// layers that were added after the [`SpanLayer`](crate::spans::SpanLayer).
pub fn mark_of<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>) -> Option<Mark> {
    span.extensions().get::<Mark>().cloned()
}
