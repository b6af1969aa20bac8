//! The OpenTelemetry protocol: traces, logs and metrics to a collector, or to anything that takes what a collector takes.
//!
//! What a request adds to this is one push into a bounded queue for each sampled span. Everything else (batches, encoding,
//! sending, trying again) happens on one thread of its own. Nothing here can slow or fail a request: what finds no place is
//! dropped, and counted.
//!
//! | metric | what it counts |
//! |---|---|
//! | `tower_watch_telemetry_exported_total{signal}` | what a destination has taken |
//! | `tower_watch_telemetry_dropped_total{signal,reason}` | what it has not: `queue_full`, `rejected` (by a partial success), `refused` (and it would be again), `expired` (it was away for longer than a batch is kept), `shutdown` |
//! | `tower_watch_telemetry_truncated_total{signal}` | attribute values that were longer than they may be |
//!
//! With several destinations each one counts. What is wrong is said in a log line (target `tower_watch::telemetry`), for each
//! destination at most once a minute.
//!
//! | file | what it holds |
//! |---|---|
//! | `settings` | what there is to say: builder and environment |
//! | `destination` | where one signal goes, and how much of it may wait |
//! | `signal` | what is exported, as all that follows sees it |
//! | `traces/` | from spans to the queue |
//! | `exporting` | one signal on its way: queue, batches, destinations |
//! | `queue`, `batch`, `delivery`, `retry` | what waits; what is sent; to whom; when again |
//! | `transport/` | gRPC and HTTP |
//! | `worker` | the thread that sends |
//! | `counts` | what was exported, and what was not |
//! | `noise` | what is never exported |
//! | `plain_text` | a warning for what others can read |
//! | `opentelemetry` | the OpenTelemetry crates, in the versions that fit |

mod batch;
mod counts;
mod delivery;
mod destination;
mod exporting;
mod noise;
pub mod opentelemetry;
mod plain_text;
mod queue;
mod retry;
mod settings;
mod signal;
mod traces;
mod transport;
mod worker;

pub use self::destination::{Compression, Protocol};
pub use self::settings::OtlpConfig;
pub use self::traces::OwnProvider;

pub(crate) use self::settings::OtlpSettings;
