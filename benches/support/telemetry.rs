//! Where spans go: a registry with our layers and OpenTelemetry's, and a provider that drops what ends.

use std::sync::Once;
use std::time::Duration;

use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::otlp::OwnProvider;
use tower_watch::telemetry::otlp::opentelemetry::api::{Context, trace::TracerProvider};
use tower_watch::telemetry::otlp::opentelemetry::sdk::error::OTelSdkResult;
use tower_watch::telemetry::otlp::opentelemetry::sdk::trace::{
    Sampler, SdkTracerProvider, Span, SpanData, SpanProcessor,
};
use tower_watch::telemetry::otlp::opentelemetry::tracing as tracing_opentelemetry;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Makes it the subscriber of the process, once.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let provider = SdkTracerProvider::builder().with_span_processor(Discard).build();
        let telemetry = TelemetryBuilder::new().without_logs().tracer_provider(OwnProvider::new(&provider));
        telemetry.init().expect("the only subscriber");
    });
}

/// A registry with tracing-opentelemetry's layer as its own documentation adds it, and nothing sampled.
pub(crate) fn install_opentelemetry_alone() {
    let provider =
        SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff).with_span_processor(Discard).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
    tracing_subscriber::registry().with(layer).init();
}

#[derive(Debug)]
struct Discard;

impl SpanProcessor for Discard {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, _: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
