//! Where in its trace this thread is working.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::observe::{self, Slot};
use crate::w3c::TraceContext;

thread_local! {
    static CURRENT: Cell<Option<TraceContext>> = const { Cell::new(None) };
    /// The exchange whose own span is being made.
    static STARTING: RefCell<Option<Arc<Slot>>> = const { RefCell::new(None) };
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

/// Replaces what [`current`] says until the next call.
pub(crate) fn replace(context: Option<TraceContext>) -> Option<TraceContext> {
    CURRENT.replace(context)
}
