//! Which span is being made on this thread.
//!
//! OpenTelemetry's SDK asks its generator for ids and its sampler for a decision without saying which span they are for.

use std::cell::{Cell, RefCell};

use opentelemetry::ContextGuard;
use tower_watch_layers::w3c::TraceContext;

thread_local! {
    static MAKING: Cell<Option<TraceContext>> = const { Cell::new(None) };
    static LET_THROUGH: Cell<bool> = const { Cell::new(false) };
    static PARENT: RefCell<Option<ContextGuard>> = const { RefCell::new(None) };
}

/// The filter lets a span through, which is then made.
pub(super) fn let_through() {
    LET_THROUGH.set(true);
}

/// Whether the filter let the span through that was made.
pub(super) fn was_let_through() -> bool {
    LET_THROUGH.replace(false)
}

/// The span that is being made.
pub(super) fn current() -> Option<TraceContext> {
    MAKING.get()
}

/// Runs `make`, which makes the span of this mark.
pub(super) fn with<R>(context: TraceContext, make: impl FnOnce() -> R) -> R {
    struct Clear;
    impl Drop for Clear {
        fn drop(&mut self) {
            MAKING.set(None);
        }
    }
    MAKING.set(Some(context));
    let _clear = Clear;
    make()
}

/// Keeps the parent of the span that is being made attached, until it is made.
pub(super) fn attach(parent: ContextGuard) {
    PARENT.with_borrow_mut(|place| *place = Some(parent));
}

/// The span is made.
pub(super) fn detach() {
    let parent = PARENT.with_borrow_mut(Option::take);
    drop(parent);
}
