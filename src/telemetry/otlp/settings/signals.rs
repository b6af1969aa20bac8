//! The three signals, as settings tell them apart.

use crate::config::Variable;
use crate::telemetry::otlp::settings::variables::{LOGS_EXPORTER, METRICS_EXPORTER, TRACES_EXPORTER};

/// A signal. The order is that of the names of a [`Variable`] that is there per signal, behind the general one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignalKind {
    Traces,
    Metrics,
    Logs,
}

impl SignalKind {
    pub(crate) const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }

    /// Where it goes over HTTP.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Traces => "/v1/traces",
            Self::Metrics => "/v1/metrics",
            Self::Logs => "/v1/logs",
        }
    }

    pub(super) fn exporter(self) -> &'static Variable<bool> {
        match self {
            Self::Traces => &TRACES_EXPORTER,
            Self::Metrics => &METRICS_EXPORTER,
            Self::Logs => &LOGS_EXPORTER,
        }
    }

    /// The signal's own name of a variable.
    pub(super) fn own<T>(self, variable: &Variable<T>) -> &'static str {
        variable.names[1 + self as usize]
    }
}
