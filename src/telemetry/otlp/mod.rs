//! The OpenTelemetry protocol: traces, logs and metrics to a collector, or to anything that takes what a collector takes.
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

mod destination;
mod logs;
mod metrics;
mod resource;
mod settings;
mod signal;
mod value;

pub use self::destination::{Compression, Protocol};
pub use self::settings::{OtlpConfig, OtlpPlan, variables};

pub(crate) use self::settings::OtlpSettings;
