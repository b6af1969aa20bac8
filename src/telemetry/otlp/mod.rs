//! The OpenTelemetry protocol: traces, logs and metrics to a collector, or to anything that takes what a collector takes.

mod settings;

pub(crate) use self::settings::OtlpSettings;
