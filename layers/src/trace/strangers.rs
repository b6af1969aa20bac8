//! What becomes of a trace that a caller claims.

/// What becomes of a `traceparent` that comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strangers {
    /// The exchange is part of the caller's trace, and the caller's sampling decision is followed.
    #[default]
    Continue,
    /// The exchange begins a trace of its own, with a link to the caller's.
    Link,
    /// The exchange begins a trace of its own.
    Ignore,
}
