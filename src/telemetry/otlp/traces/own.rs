//! A provider of the user's own.

use std::fmt;

use opentelemetry::trace::{Tracer, TracerProvider};
use tracing::level_filters::LevelFilter;

use crate::telemetry::otlp::traces::layers;
use crate::telemetry::{OutletLayer, TelemetryBuilder};

/// A provider of one's own that the spans go to: with its exporters, its processors and its sampler.
///
/// It gets what the exchange's sampling lets through, decides about traces that begin here by its own sampler, and its ids are
/// those in the log lines. What exports is its matter, flushing included; only traces that are kept at their end go to the
/// destinations that telemetry knows.
///
/// ```
/// use tower_watch::telemetry::TelemetryBuilder;
/// use tower_watch::telemetry::otlp::{OwnProvider, opentelemetry::sdk::trace::SdkTracerProvider};
///
/// let provider = SdkTracerProvider::builder().build();
/// let telemetry = TelemetryBuilder::new().tracer_provider(OwnProvider::new(&provider));
/// # let _ = telemetry;
/// ```
pub struct OwnProvider {
    layer: Box<dyn FnOnce(LevelFilter) -> OutletLayer + Send>,
}

impl OwnProvider {
    /// This provider.
    pub fn new<P>(provider: &P) -> Self
    where
        P: TracerProvider,
        P::Tracer: Tracer<Span: Send + Sync> + Send + Sync + 'static,
    {
        let tracer = provider.tracer_with_scope(layers::scope());
        Self { layer: Box::new(move |level| layers::layers(tracer, level)) }
    }

    pub(crate) fn into_layer(self, level: LevelFilter) -> OutletLayer {
        (self.layer)(level)
    }
}

impl fmt::Debug for OwnProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnProvider")
    }
}

impl TelemetryBuilder {
    /// Hands spans to this provider.
    pub fn tracer_provider(mut self, provider: OwnProvider) -> Self {
        self.otlp.own_provider = Some(provider);
        self
    }
}
