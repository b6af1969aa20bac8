//! Logs through OTLP: each event of `tracing` as a log record, with the ids of its request and of its span.
//!
//! A layer of our own, since the ids must be those of the request's mark, sampled or not, which
//! opentelemetry-appender-tracing cannot know. It takes what `RUST_LOG` lets through, access lines included, and nothing from
//! the thread that exports: what that one says about an export that fails would be exported too, and fail too.
//!
//! <https://opentelemetry.io/docs/specs/otel/logs/data-model/>
//!
//! | file | what it holds |
//! |---|---|
//! | `layer` | the layer of the subscriber |
//! | `filter` | which events are exported |
//! | `fields` | from an event's fields to attributes |
//! | `signal` | the message of the protocol |

mod fields;
mod filter;
mod layer;
mod signal;

pub(crate) use self::filter::EventFilter;
pub(crate) use self::layer::LogLayer;
pub(crate) use self::signal::{Logs, Record};
