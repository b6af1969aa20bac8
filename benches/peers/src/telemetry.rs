//! What the stacks report to: as in production, short of the network.
//!
//! Spans go to the SDK's batch processor, whose exporter drops them; metrics are aggregated and never collected.
//! So a stack pays what the request itself pays, and no scrape and no export.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::trace::{Link, SpanKind, TraceId, TraceState, TracerProvider};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::{ManualReader, SdkMeterProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    Sampler, SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample, SpanData, SpanExporter,
};
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::logs::Logs;
use tower_watch::telemetry::otlp::OwnProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Installs the global tracer provider, 10 % sampled, and the W3C propagator.
pub fn install_tracer() -> SdkTracerProvider {
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::ParentBased(Box::new(EveryTenth::default())))
        .with_batch_exporter(Discard)
        .build();
    global::set_text_map_propagator(TraceContextPropagator::new());
    global::set_tracer_provider(provider.clone());
    provider
}

/// Installs a global `tracing` subscriber that hands every span to [`install_tracer`]'s provider, and nothing else.
pub fn install_tracing_bridge() {
    let tracer = install_tracer().tracer("peers");
    tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(tracer)).init();
}

/// Installs a global `tracing` subscriber of our own layers: spans of sampled requests go to a provider whose exporter drops
/// them, and lines, where there are any, to standard error as JSON.
pub fn install_tower_watch(logs: Option<Logs>) {
    let provider = SdkTracerProvider::builder().with_batch_exporter(Discard).build();
    let telemetry = TelemetryBuilder::new().tracer_provider(OwnProvider::new(&provider));
    let telemetry = match logs {
        Some(logs) => telemetry.logs(logs),
        None => telemetry.without_logs(),
    };
    telemetry.init().expect("the only subscriber of the process");
}

/// Installs what [`install_tracing_bridge`] does, and a JSON line for each event, with its spans, to standard error.
pub fn install_tracing_bridge_and_json() {
    let tracer = install_tracer().tracer("peers");
    tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(tracer))
        .with(tracing_subscriber::fmt::layer().json().with_writer(io::stderr))
        .init();
}

/// Installs a global `tracing` subscriber that keeps spans and writes nothing.
pub fn install_bare_registry() {
    tracing_subscriber::registry().init();
}

/// Installs the global meter provider.
pub fn install_meter() {
    let reader = ManualReader::builder().build();
    global::set_meter_provider(SdkMeterProvider::builder().with_reader(reader).build());
}

/// Samples one root in ten: requests without a parent, or whose parent the stack does not believe.
#[derive(Debug, Default)]
struct EveryTenth(AtomicU64);

impl Clone for EveryTenth {
    fn clone(&self) -> Self {
        Self(AtomicU64::new(self.0.load(Ordering::Relaxed)))
    }
}

impl ShouldSample for EveryTenth {
    fn should_sample(
        &self,
        _parent: Option<&Context>,
        _trace_id: TraceId,
        _name: &str,
        _kind: &SpanKind,
        _attributes: &[KeyValue],
        _links: &[Link],
    ) -> SamplingResult {
        let tenth = self.0.fetch_add(1, Ordering::Relaxed).is_multiple_of(10);
        SamplingResult {
            decision: if tenth { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop },
            attributes: Vec::new(),
            trace_state: TraceState::default(),
        }
    }
}

/// An exporter that reaches nobody.
#[derive(Debug)]
struct Discard;

impl SpanExporter for Discard {
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}
