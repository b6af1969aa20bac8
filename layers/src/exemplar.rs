//! The trace that a measurement belongs to.
//!
//! The `metrics` facade has no place for an exemplar, so it travels beside it: whoever records a value inside
//! [`with`] says which trace it came from, and a recorder that keeps exemplars asks [`current`].

use std::cell::Cell;

use crate::w3c::TraceId;

thread_local! {
    static CURRENT: Cell<Option<TraceId>> = const { Cell::new(None) };
}

/// Runs `record`; what it records belongs to the trace `id`.
///
/// Costs two writes to a thread-local. Nested calls restore the outer id, also when `record` panics.
pub fn with<R>(id: Option<TraceId>, record: impl FnOnce() -> R) -> R {
    struct Restore(Option<TraceId>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0);
        }
    }
    let _restore = Restore(CURRENT.replace(id));
    record()
}

/// The trace that a value recorded now on this thread belongs to.
#[must_use]
pub fn current() -> Option<TraceId> {
    CURRENT.get()
}
