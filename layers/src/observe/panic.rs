//! What a panic handler inside says to the exchange around it.

use std::any::Any;

/// Put it into a response's extensions and the exchange ends [`Panicked`](crate::observe::Outcome::Panicked),
/// whatever became of the response: for a handler that caught a panic inside the observed exchange and answered
/// in its place.
#[derive(Clone, Copy, Debug)]
pub struct PanicResponse;

/// What a caught panic said, where it said it with a string, as `panic!` does.
#[must_use]
pub fn panic_message<'p>(payload: &'p (dyn Any + Send + 'static)) -> &'p str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}
