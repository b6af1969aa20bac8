//! Functions of the application's own that are asked about a request.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::observe::panic_message;

/// What `ask` says; nothing when it panics, which goes to the log: a function that only looks at a request must not
/// cost it its answer. `what` names the function in the words of the setting that was given it.
pub(crate) fn ask<T>(what: &'static str, ask: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(ask))
        .inspect_err(|payload| {
            tracing::error!(
                function = what,
                panic = panic_message(&**payload),
                "a function that was asked about a request panicked, and counts as having said nothing"
            );
        })
        .ok()
}
