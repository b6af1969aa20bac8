//! Where in its trace this thread is working.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::observe::{self, Slot};
use crate::w3c::{RemoteParent, TraceContext};

thread_local! {
    static CURRENT: Cell<Option<TraceContext>> = const { Cell::new(None) };
    /// The exchange whose own span is being made.
    static STARTING: RefCell<Option<Arc<Slot>>> = const { RefCell::new(None) };
    /// The place of the span that is being made, where whoever makes it has settled that.
    static PLACED: Cell<Option<Placed>> = const { Cell::new(None) };
}

/// Where a span is that is neither an exchange's own nor simply a child of the one around it: a request that goes out, a
/// message that came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    /// Its ids, which others know already or are about to be told.
    pub(crate) context: TraceContext,
    /// A span elsewhere that it has to do with and is no child of.
    pub(crate) link: Option<RemoteParent>,
}

/// The span that this thread is in: the innermost one that is entered, or the exchange's.
///
/// Costs a read of a thread-local; in a spawned task that carries only the context, one of the slot more.
#[must_use]
pub fn current() -> Option<TraceContext> {
    CURRENT.get().or_else(|| observe::current().and_then(|slot| slot.trace().copied()))
}

/// Runs `f` in the span of `context`; restores the outer one, also when `f` panics.
pub(crate) fn enter<R>(context: Option<TraceContext>, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<TraceContext>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0);
        }
    }
    let _restore = Restore(CURRENT.replace(context));
    f()
}

/// Runs `make`, which makes the span of the exchange of `slot`: the layer in the subscriber takes the slot from here.
pub(crate) fn starting<R>(slot: &Arc<Slot>, make: impl FnOnce() -> R) -> R {
    struct Clear;
    impl Drop for Clear {
        fn drop(&mut self) {
            STARTING.with_borrow_mut(|starting| *starting = None);
        }
    }
    STARTING.with_borrow_mut(|starting| *starting = Some(Arc::clone(slot)));
    let _clear = Clear;
    make()
}

/// The exchange whose own span is being made, once.
pub(crate) fn take_starting() -> Option<Arc<Slot>> {
    STARTING.with_borrow_mut(Option::take)
}

/// Runs `make`, which makes a span at this place: the layer in the subscriber takes the place from here. Meanwhile
/// [`current`] is that place, so that filters decide by the span's own trace.
pub(crate) fn placing<R>(placed: Placed, make: impl FnOnce() -> R) -> R {
    struct Clear;
    impl Drop for Clear {
        fn drop(&mut self) {
            PLACED.set(None);
        }
    }
    PLACED.set(Some(placed));
    let _clear = Clear;
    enter(Some(placed.context), make)
}

/// The place of the span that is being made, once.
pub(crate) fn take_placed() -> Option<Placed> {
    PLACED.take()
}

/// Replaces what [`current`] says until the next call.
pub(crate) fn replace(context: Option<TraceContext>) -> Option<TraceContext> {
    CURRENT.replace(context)
}
