//! The observer that traces.

use std::sync::Arc;

use http::header::HeaderMap;
use tower_layer::Layer;
use tracing::Span;

use crate::observe::{End, Exchange, Observe, ObserveLayer, Observer, Settings, Start};
use crate::spans;
use crate::trace::{KeptTrace, Strangers, TraceConfig};
use crate::w3c::{SpanId, TraceContext, parse_traceparent};

/// Makes a span for each exchange. Alone it is a layer; in a preset it is one of the observers.
#[derive(Clone, Debug)]
pub struct TraceLayer {
    observe: ObserveLayer<TraceObserver>,
}

/// The service of [`TraceLayer`].
pub type Trace<S> = Observe<S, TraceObserver>;

impl Default for TraceLayer {
    fn default() -> Self {
        Self::new(TraceConfig::default())
    }
}

impl TraceLayer {
    /// A layer that traces only.
    #[must_use]
    pub fn new(config: TraceConfig) -> Self {
        Self { observe: ObserveLayer::new(TraceObserver::new(config)) }
    }

    /// The same with settings of one's own.
    #[must_use]
    pub fn with_settings(config: TraceConfig, settings: Settings) -> Self {
        Self { observe: ObserveLayer::with_settings(TraceObserver::new(config), settings) }
    }
}

impl<S> Layer<S> for TraceLayer {
    type Service = Trace<S>;

    fn layer(&self, inner: S) -> Trace<S> {
        self.observe.layer(inner)
    }
}

/// Traces each exchange; see [`TraceLayer`].
#[derive(Clone, Debug)]
pub struct TraceObserver {
    config: Arc<TraceConfig>,
}

impl TraceObserver {
    /// Traces as the configuration says.
    #[must_use]
    pub fn new(config: TraceConfig) -> Self {
        Self { config: Arc::new(config) }
    }

    fn settle(&self, headers: &HeaderMap) -> TraceContext {
        let parent = headers.get("traceparent").and_then(|header| parse_traceparent(header.as_bytes()));
        match (parent, self.config.strangers) {
            (Some(parent), Strangers::Continue) => TraceContext {
                trace_id: parent.trace_id,
                span_id: SpanId::random(),
                parent: Some(parent.span_id),
                sampled: parent.sampled,
                random: parent.random,
            },
            _ => {
                let root = TraceContext::root(false);
                TraceContext { sampled: self.config.sampling.ratio().includes(root.trace_id), ..root }
            }
        }
    }
}

impl Observer for TraceObserver {
    type Exchange = TraceExchange;

    fn begin(&self, start: &mut Start<'_>) -> Option<TraceExchange> {
        let context = self.settle(&start.head().headers);
        start.set_trace(context);
        if !context.sampled && self.config.keep.as_ref().is_some_and(|keep| keep.wants()) {
            start.slot().want_recording();
        }
        let span = spans::starting(start.slot(), || tracing::info_span!("request"));
        Some(TraceExchange { config: Arc::clone(&self.config), context, span })
    }
}

/// One exchange of [`TraceObserver`].
#[derive(Debug)]
pub struct TraceExchange {
    config: Arc<TraceConfig>,
    context: TraceContext,
    span: Span,
}

impl Exchange for TraceExchange {
    fn scope<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        spans::enter(Some(self.context), || self.span.in_scope(poll))
    }

    fn end(self, end: &End<'_>) {
        let recording = end.slot.end_recording();
        let Some(keep) = self.config.keep.as_ref().filter(|_| !self.context.sampled) else { return };
        let slow = end.slot.slow_threshold().unwrap_or(self.config.slow);
        if keep.wants() && (end.error().is_some() || end.duration >= slow) {
            keep.keep(KeptTrace {
                context: self.context,
                end,
                started_unix_millis: 0,
                duration: end.duration,
                recording,
            });
        }
    }
}
