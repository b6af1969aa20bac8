//! The span of a request: one per exchange, from its first byte to its last.
//!
//! [`TraceLayer`] decides at the start where the exchange is in which trace (it continues its caller's, is linked to it, or
//! begins one of its own) and whether the trace is sampled; makes a plain `tracing` span with OpenTelemetry's attributes for
//! HTTP and RPC servers; enters it around each poll; and closes it at the true end with the outcome. A request that is not
//! sampled pays for ids and for a span that hardly anybody looks at, and not for OpenTelemetry. Where a
//! [`KeepTraces`] is given, what ends in an error or is slow is kept with its whole span tree, sampled or not.
//!
//! | file | what it holds |
//! |---|---|
//! | `layer` | [`TraceLayer`], [`TraceObserver`] |
//! | `config` | [`TraceConfig`]: what a span shows, whom it believes |
//! | `sampling` | [`Sampling`]: how much is sampled, changeable while running |
//! | `strangers` | [`Strangers`]: what becomes of a trace that a caller claims |
//! | `keep` | [`KeepTraces`], [`KeptTrace`]: what is decided at the end |
//!
//! It imports `observe`, `classify`, `clock`, `spans`, `w3c`, and no other observer.

mod config;
mod keep;
mod layer;
mod sampling;
mod strangers;

pub use self::config::TraceConfig;
pub use self::keep::{KeepTraces, KeptTrace};
pub use self::layer::{Trace, TraceExchange, TraceLayer, TraceObserver};
pub use self::sampling::Sampling;
pub use self::strangers::Strangers;
