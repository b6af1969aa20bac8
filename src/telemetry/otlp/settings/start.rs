//! From the plan to what runs.

use std::sync::Arc;

use opentelemetry_proto::tonic::resource::v1::Resource;
use tower_watch_layers::redact::Redaction;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;

use crate::config;
use crate::telemetry::error::Problems;
use crate::telemetry::logs::level::{self, LevelControl};
use crate::telemetry::otlp::destination::{Destination, QueueConfig};
use crate::telemetry::otlp::exporting::Exporting;
use crate::telemetry::otlp::logs::{EventFilter, LogLayer, Logs};
use crate::telemetry::otlp::metrics::{Metrics, MetricsSource};
use crate::telemetry::otlp::outlet::{LogsOutlet, MetricsOutlet};
use crate::telemetry::otlp::resource::resource;
use crate::telemetry::otlp::settings::signals::SignalKind;
use crate::telemetry::otlp::traces::{TraceExport, TraceOutlet};
use crate::telemetry::otlp::transport::TransportError;
use crate::telemetry::otlp::worker::{self, Worker};
use crate::telemetry::otlp::{OtlpConfig, OtlpPlan, OwnProvider, plain_text};
use crate::telemetry::{Identity, Outlet, OutletLayer};

/// Settings of OTLP.
#[derive(Debug, Default)]
pub(crate) struct OtlpSettings {
    destinations: Vec<OtlpConfig>,
    pub(crate) own_provider: Option<OwnProvider>,
}

/// Spans and events of a finer level are no part of a trace.
const TRACED: LevelFilter = LevelFilter::INFO;

impl OtlpSettings {
    pub(super) fn add(&mut self, destination: OtlpConfig) {
        self.destinations.push(destination);
    }

    /// Starts, and hands back what changes the levels.
    pub(crate) fn start(
        self,
        identity: &Identity,
        redaction: &Redaction,
        layers: &mut Vec<OutletLayer>,
        outlets: &mut Vec<Arc<dyn Outlet>>,
        problems: &mut Problems,
    ) -> Vec<LevelControl> {
        let Self { destinations, own_provider } = self;
        let plan = OtlpPlan::read(&destinations, &config::of_process, problems);
        let destinations = |kind| plan.route(kind).destinations.clone();
        let [traces, metrics, logs] = SignalKind::ALL.map(destinations);
        if own_provider.is_none() && [&traces, &metrics, &logs].iter().all(|signal| signal.is_empty()) {
            return Vec::new();
        }
        let Some(worker) = problems.ok("otlp", Worker::start()) else { return Vec::new() };
        plain_text::warn(&worker, identity, traces.iter().chain(&metrics).chain(&logs));
        let mut starting = Starting {
            worker: &worker,
            resource: Arc::new(resource(identity)),
            plan: &plan,
            layers,
            outlets,
        };
        if own_provider.is_some() || !traces.is_empty() {
            problems.ok("otlp", starting.traces(traces, own_provider));
        }
        if !metrics.is_empty() {
            problems.ok("otlp", starting.metrics(metrics));
        }
        if logs.is_empty() {
            return Vec::new();
        }
        problems.ok("otlp", starting.logs(logs, redaction)).flatten().into_iter().collect()
    }
}

/// What all signals start with.
struct Starting<'a> {
    worker: &'a Worker,
    resource: Arc<Resource>,
    plan: &'a OtlpPlan,
    layers: &'a mut Vec<OutletLayer>,
    outlets: &'a mut Vec<Arc<dyn Outlet>>,
}

impl Starting<'_> {
    fn traces(
        &mut self,
        destinations: Vec<Destination>,
        own: Option<OwnProvider>,
    ) -> Result<(), TransportError> {
        let export = TraceExport {
            destinations,
            queue: self.plan.span_queue,
            limits: self.plan.span_limits,
            level: TRACED,
        };
        let (outlet, layer) = TraceOutlet::start(self.worker, Arc::clone(&self.resource), export, own)?;
        self.layers.push(layer);
        self.outlets.push(Arc::new(outlet));
        Ok(())
    }

    fn metrics(&mut self, destinations: Vec<Destination>) -> Result<(), TransportError> {
        let plan = self.plan.metrics;
        let source = MetricsSource::new(plan.exemplars);
        let read = source.clone();
        // Each reading has all numbers, so only the last one is worth keeping for long.
        let queue = QueueConfig {
            max_queue: 2,
            max_batch: 1,
            delay: plan.interval,
            export_timeout: plan.export_timeout,
        };
        let read = Box::new(move || read.read());
        let resource = Arc::clone(&self.resource);
        let exporting = Exporting::start(self.worker, Metrics, resource, destinations, &queue, Some(read))?;
        self.outlets.push(Arc::new(MetricsOutlet::new(exporting, source)));
        Ok(())
    }

    fn logs(
        &mut self,
        destinations: Vec<Destination>,
        redaction: &Redaction,
    ) -> Result<Option<LevelControl>, TransportError> {
        let resource = Arc::clone(&self.resource);
        let exporting =
            Exporting::start(self.worker, Logs, resource, destinations, &self.plan.log_queue, None)?;
        // Directives that are wrong are named by who writes the lines.
        let directives = level::directives(None).1;
        let Ok((filter, level)) = directives.and_then(LevelControl::new) else { return Ok(None) };
        let queue = exporting.clone();
        let layer =
            LogLayer::new(redaction.clone(), self.plan.log_limits, worker::is_worker, move |record| {
                queue.push(record);
            });
        self.layers.push(layer.with_filter(EventFilter::new(filter)).boxed());
        self.outlets.push(Arc::new(LogsOutlet::new(exporting)));
        Ok(Some(level))
    }
}
