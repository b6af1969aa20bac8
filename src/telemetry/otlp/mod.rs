//! The OpenTelemetry protocol: traces, logs and metrics to a collector, or to anything that takes what a collector takes.

mod batch;
mod counts;
mod delivery;
mod destination;
mod exporting;
mod queue;
mod retry;
mod settings;
mod signal;
mod transport;
mod worker;

pub use self::destination::{Compression, Protocol};

pub(crate) use self::settings::OtlpSettings;
