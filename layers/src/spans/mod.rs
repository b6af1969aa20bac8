//! What `tracing` says, by exchange: the layer of the subscriber that knows which request a span belongs to.
//!
//! [`SpanLayer`] goes into the subscriber, once. It gives each span its place in the trace (a *mark* in the span's
//! extensions: ids, the sampling decision, the exchange), mirrors the mark of the entered span to the thread
//! ([`current`]), and records the spans below an exchange into its [`Recording`](crate::recording::Recording). So log lines
//! have ids without OpenTelemetry, a span that was carried to another thread or task by `Instrument` still knows its exchange,
//! and the way out ([`client`](crate::client)) knows its parent.
//!
//! It knows `observe` (the slot) and `recording`, and no observer.

mod current;
mod layer;
mod mark;

pub use self::current::current;
pub use self::layer::SpanLayer;
pub use self::mark::{Mark, mark_of, renumber};

pub(crate) use self::current::{enter, starting};
