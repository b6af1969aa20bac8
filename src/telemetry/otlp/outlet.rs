//! Logs and metrics as outlets.

use std::time::Duration;

use crate::Watch;
use crate::telemetry::otlp::exporting::Exporting;
use crate::telemetry::otlp::logs::Logs;
use crate::telemetry::otlp::metrics::{Metrics, MetricsSource};
use crate::telemetry::{Flushed, Outlet};

/// Log records on their way out.
#[derive(Debug)]
pub(crate) struct LogsOutlet {
    exporting: Exporting<Logs>,
}

impl LogsOutlet {
    pub(crate) fn new(exporting: Exporting<Logs>) -> Self {
        Self { exporting }
    }
}

impl Outlet for LogsOutlet {
    fn flush(&self, deadline: Duration) -> Flushed {
        self.exporting.flush(deadline)
    }

    fn shutdown(&self, deadline: Duration) -> Flushed {
        self.exporting.shutdown(deadline)
    }

    fn attach(&self, watch: &Watch) {
        self.exporting.record_into(watch.registers());
    }
}

/// Metrics on their way out.
#[derive(Debug)]
pub(crate) struct MetricsOutlet {
    exporting: Exporting<Metrics>,
    source: MetricsSource,
}

impl MetricsOutlet {
    pub(crate) fn new(exporting: Exporting<Metrics>, source: MetricsSource) -> Self {
        Self { exporting, source }
    }
}

impl Outlet for MetricsOutlet {
    fn flush(&self, deadline: Duration) -> Flushed {
        self.exporting.flush(deadline)
    }

    fn shutdown(&self, deadline: Duration) -> Flushed {
        self.exporting.shutdown(deadline)
    }

    fn attach(&self, watch: &Watch) {
        self.exporting.record_into(watch.registers());
        self.source.attach(watch);
    }
}
