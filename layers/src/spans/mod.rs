//! What `tracing` says, by exchange: the layer of the subscriber that knows which request a span belongs to.
//!
//! [`SpanLayer`] goes into the subscriber, once, before the layers that ask for its marks. It gives each span its place in
//! the trace (a *mark* in the span's extensions: ids, the sampling decision, the exchange), mirrors the mark of the entered
//! span to the thread ([`current()`], [`current_slot`]), and records the spans and events inside of an exchange into its
//! [`Recording`](crate::recording::Recording) where somebody asked for that. So log lines have ids without OpenTelemetry, a
//! span that was carried to another thread or task by `Instrument` still knows its exchange, and the way out
//! ([`client`](crate::client)) knows its parent.
//!
//! ```
//! use tower_watch_layers::spans::{self, SpanLayer};
//! use tracing_subscriber::layer::SubscriberExt;
//!
//! let subscriber = tracing_subscriber::registry().with(SpanLayer::new());
//! tracing::subscriber::with_default(subscriber, || {
//!     // No request asked for this work, so it begins a trace of its own.
//!     let _work = tracing::info_span!("nightly report").entered();
//!     let around = spans::current().unwrap();
//!     let _step = tracing::info_span!("load").entered();
//!     assert_eq!(spans::current().unwrap().trace_id, around.trace_id);
//! });
//! ```
//!
//! What innermost is on a thread, an exchange that is polled or a span that is entered in it, decides what [`current()`] says.
//! A span that is left entered by mistake, across an `.await`, never speaks for the next request on that thread.
//!
//! Values of fields are formatted by the application's code: while nothing is locked, cut at a limit, and a panic in one is
//! caught. Values under secret keys ([`Redaction`](crate::redact::Redaction)) are not even formatted.
//!
//! | what | costs, beyond the registry |
//! |---|---|
//! | the exchange's own span, five times entered | one allocation, one look-up; 790 instructions |
//! | a span below it, made and closed | one allocation, one look-up; some 600 instructions |
//! | an enter and exit of that | one look-up, on enter; some 550 instructions |
//! | the same where they are recorded | a reading of the clock at each end of each, and three short locks; 900 for a span that is entered four times, and 350 for a field |
//! | an event | a look at the thread; where it is recorded, two short locks |
//!
//! (Counted with callgrind, over a bare registry.)
//!
//! | file | what it holds |
//! |---|---|
//! | `layer` | [`SpanLayer`] |
//! | `mark` | [`Mark`]: the place of a span in its trace, and its exchange |
//! | `current` | where this thread is working: [`current()`], [`current_slot`] |
//! | `making` | what a span that is about to be made shall be |
//! | `record` | writes spans and events into the recording |
//! | `values` | formats fields |
//! | `secrets` | which fields are not to be looked at |
//!
//! It knows `observe` (the slot) and `recording`, and no observer.

mod current;
mod layer;
mod making;
mod mark;
mod record;
mod secrets;
mod values;

pub use self::current::{current, current_slot};
pub use self::layer::SpanLayer;
pub use self::making::at;
pub use self::mark::{Mark, is_open, mark_of, renumber, renumber_later};

pub(crate) use self::current::enter;
pub(crate) use self::making::{Placed, placing, starting};
