//! Our own provider: no decision and no id of its own, and no batch processor.

use std::time::Duration;

use opentelemetry::trace::{Link, SpanContext, SpanId, SpanKind, SpanRef, TraceContextExt, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    IdGenerator, SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample, Span, SpanData,
    SpanProcessor,
};
use tower_watch_layers::w3c;

use crate::telemetry::otlp::exporting::Exporting;
use crate::telemetry::otlp::settings::SpanLimits;
use crate::telemetry::otlp::traces::filter::trace_id;
use crate::telemetry::otlp::traces::making;
use crate::telemetry::otlp::traces::spans::Spans;
use crate::telemetry::otlp::traces::values::Values;

/// A provider whose spans go into the queue.
pub(super) fn provider(exporting: Exporting<Spans>, limits: SpanLimits) -> SdkTracerProvider {
    let values = Values::new(limits.attributes.value_length);
    SdkTracerProvider::builder()
        .with_sampler(AsMarked)
        .with_id_generator(AsMarked)
        .with_span_limits(counted(limits))
        // The resource goes with each batch; here it would only be copied.
        .with_resource(Resource::builder_empty().build())
        .with_span_processor(IntoQueue { exporting, values })
        .build()
}

/// What the SDK counts. How long a value is, it does not look at.
fn counted(limits: SpanLimits) -> opentelemetry_sdk::trace::SpanLimits {
    let count = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
    opentelemetry_sdk::trace::SpanLimits {
        max_attributes_per_span: count(limits.attributes.count),
        max_events_per_span: count(limits.events),
        max_links_per_span: count(limits.links),
        max_attributes_per_event: count(limits.event_attributes),
        max_attributes_per_link: count(limits.link_attributes),
    }
}

/// Ids and decision of the span that is being made; for spans that `tracing` knows nothing of, random ones, and as their
/// parent says.
#[derive(Clone, Copy, Debug)]
struct AsMarked;

impl IdGenerator for AsMarked {
    fn new_trace_id(&self) -> TraceId {
        let id = making::current().map_or_else(w3c::TraceId::random, |context| context.trace_id);
        TraceId::from_bytes(id.to_bytes())
    }

    fn new_span_id(&self) -> SpanId {
        let id = making::current().map_or_else(w3c::SpanId::random, |context| context.span_id);
        SpanId::from_bytes(id.to_bytes())
    }
}

impl ShouldSample for AsMarked {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let parent = parent.filter(|parent| parent.has_active_span()).map(|parent| parent.span());
        let parent = parent.as_ref().map(SpanRef::span_context);
        let sampled = match making::current() {
            Some(context) if is_in_trace(parent, &context) => context.sampled,
            _ => parent.is_none_or(SpanContext::is_sampled),
        };
        SamplingResult {
            decision: if sampled { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop },
            attributes: Vec::new(),
            trace_state: parent.map(|parent| parent.trace_state().clone()).unwrap_or_default(),
        }
    }
}

/// Whether a parent is the mark's, and not one that the application set before it entered the span.
fn is_in_trace(parent: Option<&SpanContext>, mark: &w3c::TraceContext) -> bool {
    parent.is_none_or(|parent| parent.trace_id() == trace_id(mark))
}

/// Puts each span that ends into the queue.
#[derive(Debug)]
struct IntoQueue {
    exporting: Exporting<Spans>,
    values: Values,
}

impl SpanProcessor for IntoQueue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, mut span: SpanData) {
        self.exporting.counts().cut(self.values.cut(&mut span));
        self.exporting.push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
