//! What a span that is about to be made shall be: said on the thread, because a `tracing` macro cannot carry it.
//!
//! While it is made, [`current`](crate::spans::current()) is the place that it gets, so that the filter of a layer decides by
//! the span's own trace.

use std::cell::Cell;
use std::sync::Arc;

use crate::observe::{self, Slot};
use crate::spans::current::{current, enter};
use crate::w3c::{RemoteParent, TraceContext};

/// What the next span that is made on this thread is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Making {
    /// The own span of the exchange that is entered.
    Exchange,
    /// A span whose place whoever makes it has settled.
    Placed(Placed),
}

/// Where a span is that is neither an exchange's own nor simply a child of the one around it: a request that goes out, a
/// message that came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    /// Its ids, which others know already or are about to be told.
    pub(crate) context: TraceContext,
    /// A span elsewhere that it has to do with and is no child of.
    pub(crate) link: Option<RemoteParent>,
    /// Whether its parent is elsewhere.
    pub(crate) parent_is_remote: bool,
}

thread_local! {
    static MAKING: Cell<Option<Making>> = const { Cell::new(None) };
}

/// Runs `make`, which makes the own span of the exchange of `slot`. Its fields are to be computed before: the first span
/// that is made in here is it.
pub(crate) fn starting<R>(slot: &Arc<Slot>, make: impl FnOnce() -> R) -> R {
    observe::enter(&mut Some(Arc::clone(slot)), || making(Making::Exchange, make))
}

/// Runs `make`, whose first new span gets this place.
pub(crate) fn placing<R>(placed: Placed, make: impl FnOnce() -> R) -> R {
    enter(Some(placed.context), || making(Making::Placed(placed), make))
}

/// Runs `make`, whose first new span gets this place in its trace, and not a new one below the current span: where the ids
/// are on their way to somebody else already, or came from there. It belongs to the exchange that it is made in. A parent that
/// is not the current span is taken for one elsewhere.
///
/// The macro in `make` names no parent, not even none: tracing-opentelemetry would export that instead.
///
/// ```
/// use tower_watch_layers::spans;
/// use tower_watch_layers::w3c::TraceContext;
///
/// let caller = TraceContext::root(true);
/// let span = spans::at(caller.child(), || tracing::info_span!("charge"));
/// # let _ = span;
/// ```
pub fn at<R>(context: TraceContext, make: impl FnOnce() -> R) -> R {
    let is_elsewhere = |parent| current().is_none_or(|around| around.span_id != parent);
    let parent_is_remote = context.parent.is_some_and(is_elsewhere);
    placing(Placed { context, link: None, parent_is_remote }, make)
}

fn making<R>(what: Making, make: impl FnOnce() -> R) -> R {
    struct Restore(Option<Making>);
    impl Drop for Restore {
        fn drop(&mut self) {
            MAKING.set(self.0);
        }
    }
    let _restore = Restore(MAKING.replace(Some(what)));
    make()
}

/// What the span that is being made is. Once: a span that the making of this one brings about is not it.
#[inline]
pub(crate) fn take() -> Option<Making> {
    MAKING.take()
}
