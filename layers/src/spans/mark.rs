//! The place of a span in its trace.

use std::fmt;
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
    /// Whether whoever made it said which ids it has, so that others may know them already.
    pub is_placed: bool,
    /// Whether its parent, if it has one, is elsewhere: the caller's, the sender's.
    pub parent_is_remote: bool,
    /// Its place in the recording or, where it has none, that of the closest span above it; none for the exchange's own.
    pub(crate) anchor: Option<u32>,
    /// Whether the anchor is its own.
    pub(crate) is_recorded: bool,
}

/// The mark of a span, for another layer of the same subscriber. It is there from the moment that the span is made, for
/// layers that were added after the [`SpanLayer`](crate::spans::SpanLayer).
pub fn mark_of<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>) -> Option<Mark> {
    span.extensions().get::<Marked>().map(|marked| marked.mark.clone())
}

/// Gives a span other ids than its mark has, from the moment at which it is made: where a tracer of the user's own numbers
/// the spans. For the own span of an exchange they become the exchange's.
pub fn renumber<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>, context: TraceContext) {
    let mut extensions = span.extensions_mut();
    let Some(Marked { mark, .. }) = extensions.get_mut::<Marked>() else { return };
    mark.context = context;
    if let Some(slot) = mark.slot.as_ref().filter(|_| mark.is_exchange) {
        slot.renumber(context);
    }
}

/// Leaves it open which ids a span has until it is entered, a span is made below it, or an event names it: `begin` is asked
/// then, once and while nothing is locked, and where it has ids they become the mark's ([`renumber`]). For a span that nobody
/// was told the ids of. Entered on two threads at the same moment, it may have the old ones on one of them.
pub fn renumber_later<'s, S: LookupSpan<'s>>(
    span: &SpanRef<'s, S>,
    begin: impl FnOnce() -> Option<TraceContext> + Send + Sync + 'static,
) {
    if let Some(marked) = span.extensions_mut().get_mut::<Marked>() {
        marked.begin = Some(Box::new(begin));
    }
}

/// Whether the ids of a span are still open ([`renumber_later`]).
pub fn is_open<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>) -> bool {
    span.extensions().get::<Marked>().is_some_and(Marked::is_open)
}

/// Settles what [`renumber_later`] left open.
#[cold]
pub(crate) fn settle<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>) {
    let begin = span.extensions_mut().get_mut::<Marked>().and_then(|marked| marked.begin.take());
    if let Some(context) = begin.and_then(|begin| begin()) {
        renumber(span, context);
    }
}

type Begin = Box<dyn FnOnce() -> Option<TraceContext> + Send + Sync>;

/// The mark as it lies in the span's extensions: with the span goes its time in the recording, without a look-up.
pub(crate) struct Marked {
    pub(crate) mark: Mark,
    begin: Option<Begin>,
}

impl Marked {
    pub(crate) fn new(mark: Mark) -> Self {
        Self { mark, begin: None }
    }

    /// Whether its ids are still open.
    pub(crate) fn is_open(&self) -> bool {
        self.begin.is_some()
    }
}

impl fmt::Debug for Marked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Marked").field("mark", &self.mark).field("is_open", &self.is_open()).finish()
    }
}

impl Drop for Marked {
    #[inline]
    fn drop(&mut self) {
        if self.mark.is_recorded {
            crate::spans::record::close(&self.mark);
        }
    }
}
