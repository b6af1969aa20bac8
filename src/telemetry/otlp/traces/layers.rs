//! What goes into the subscriber for traces.

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::Tracer;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, Registry};

use crate::telemetry::OutletLayer;
use crate::telemetry::otlp::traces::begin::BeginSpans;
use crate::telemetry::otlp::traces::filter::SampledOnly;

/// Who makes the spans.
pub(super) fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("tower-watch").with_version(env!("CARGO_PKG_VERSION")).build()
}

/// tracing-opentelemetry's layer, between what decides for it. Where a span was made in the code, on which thread, and how
/// long it was idle are left out: each would cost two or three attributes for every span.
pub(super) fn layers<T>(tracer: T, level: LevelFilter) -> OutletLayer
where
    T: Tracer<Span: Send + Sync> + Send + Sync + 'static,
{
    tracing_opentelemetry::layer::<Registry>()
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .with_tracer(tracer)
        .and_then(BeginSpans::default())
        .with_filter(SampledOnly { level })
        .boxed()
}
