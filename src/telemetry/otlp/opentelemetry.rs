//! The OpenTelemetry crates that telemetry is built with: use these, so that there is one version of each in the process.
//!
//! ```
//! use tower_watch::telemetry::otlp::opentelemetry::api::KeyValue;
//! use tower_watch::telemetry::otlp::opentelemetry::tracing::OpenTelemetrySpanExt;
//!
//! tracing::Span::current().set_attribute("cart.size", 3);
//! let _ = KeyValue::new("cart.size", 3);
//! ```

/// `opentelemetry`.
pub use ::opentelemetry as api;
/// `opentelemetry_sdk`.
pub use ::opentelemetry_sdk as sdk;
/// `tracing-opentelemetry`.
pub use ::tracing_opentelemetry as tracing;
