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
//! # What is exported where
//!
//! A signal is exported when the program gives a destination ([`TelemetryBuilder::otlp`](crate::telemetry::TelemetryBuilder::otlp)),
//! when `OTEL_EXPORTER_OTLP_ENDPOINT` or the signal's own endpoint is set, or when its exporter is: `OTEL_TRACES_EXPORTER=otlp`.
//! This differs from SDKs that export to localhost unasked: a service that nobody configured sends nothing anywhere.
//!
//! The environment is stronger than the program. An endpoint in it replaces the program's destinations, their headers
//! included, since those are for another host; for a signal that the program sends nowhere (`.metrics(false)`) the general
//! endpoint changes nothing. Without an endpoint the other variables apply to each of the program's destinations. [`OtlpPlan`]
//! shows what came out.
//!
//! Zipkin and Jaeger are reached through OTLP: Jaeger takes it itself on ports 4317 and 4318, and for Zipkin a collector
//! stands between.
//!
//! # Variables
//!
//! Those of the specification of the [SDK](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/)
//! and of the [exporter](https://opentelemetry.io/docs/specs/otel/protocol/exporter/), and a few more. White space around a
//! value does not count, and an empty value is as good as none. What is not accepted keeps telemetry from starting, and the
//! error names all of it at once.
//!
#![doc = include_str!("variables.md")]
//!
//! # Files
//!
//! | file | what it holds |
//! |---|---|
//! | `settings` | what there is to say: builder and environment |
//! | `destination` | where one signal goes, and how much of it may wait |
//! | `signal` | what is exported, as all that follows sees it |
//! | `traces/` | from spans to the queue |
//! | `logs/` | from events to the queue |
//! | `metrics/` | from registers to the queue |
//! | `outlet` | logs and metrics as outlets |
//! | `resource`, `value` | who exports; values of the protocol |
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
mod logs;
mod metrics;
mod noise;
pub mod opentelemetry;
mod outlet;
mod plain_text;
mod queue;
mod resource;
mod retry;
mod settings;
mod signal;
mod traces;
mod transport;
mod value;
mod worker;

pub use self::destination::{Compression, Protocol};
pub use self::settings::{OtlpConfig, OtlpPlan, variables};
pub use self::traces::OwnProvider;

pub(crate) use self::settings::OtlpSettings;
