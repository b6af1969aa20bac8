//! Traces as an outlet.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_proto::tonic::resource::v1::Resource;
use tower_watch_layers::trace::KeepTraces;
use tracing::level_filters::LevelFilter;

use crate::telemetry::otlp::destination::{Destination, QueueConfig};
use crate::telemetry::otlp::exporting::Exporting;
use crate::telemetry::otlp::settings::SpanLimits;
use crate::telemetry::otlp::traces::kept::Keep;
use crate::telemetry::otlp::traces::layers;
use crate::telemetry::otlp::traces::own::OwnProvider;
use crate::telemetry::otlp::traces::provider::provider;
use crate::telemetry::otlp::traces::spans::Spans;
use crate::telemetry::otlp::transport::TransportError;
use crate::telemetry::otlp::worker::Worker;
use crate::telemetry::{Flushed, Outlet, OutletLayer};

/// What there is to say about the export of traces.
#[derive(Debug)]
pub(crate) struct TraceExport {
    /// Where they go.
    pub(crate) destinations: Vec<Destination>,
    /// How many wait.
    pub(crate) queue: QueueConfig,
    /// How much a span has.
    pub(crate) limits: SpanLimits,
    /// Spans and events of a finer level are no part of a trace.
    pub(crate) level: LevelFilter,
}

/// Traces on their way out.
#[derive(Debug)]
pub(crate) struct TraceOutlet {
    exporting: Exporting<Spans>,
    keep: Arc<Keep>,
}

impl TraceOutlet {
    /// Starts to export, and returns what goes into the subscriber.
    ///
    /// # Errors
    ///
    /// Certificates and keys that are none.
    pub(crate) fn start(
        worker: &Worker,
        resource: Arc<Resource>,
        export: TraceExport,
        own: Option<OwnProvider>,
    ) -> Result<(Self, OutletLayer), TransportError> {
        let TraceExport { destinations, queue, limits, level } = export;
        let exporting = Exporting::start(worker, Spans, resource, destinations, &queue, None)?;
        let layer = match own {
            Some(own) => own.into_layer(level),
            None => {
                let provider = provider(exporting.clone(), limits);
                layers::layers(provider.tracer_with_scope(layers::scope()), level)
            }
        };
        let keep = Arc::new(Keep { exporting: exporting.clone(), scope: layers::scope() });
        Ok((Self { exporting, keep }, layer))
    }
}

impl Outlet for TraceOutlet {
    fn flush(&self, deadline: Duration) -> Flushed {
        self.exporting.flush(deadline)
    }

    fn shutdown(&self, deadline: Duration) -> Flushed {
        self.exporting.shutdown(deadline)
    }

    fn keep(&self) -> Option<Arc<dyn KeepTraces>> {
        Some(Arc::clone(&self.keep) as Arc<dyn KeepTraces>)
    }

    fn attach(&self, watch: &crate::Watch) {
        self.exporting.record_into(watch.registers());
    }
}
