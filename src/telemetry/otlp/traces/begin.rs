//! Each span is begun with the ids that its mark has.
//!
//! At once where it is made: tracing-opentelemetry would begin it when it is entered first, or closed, or asked about, and by
//! then nothing could tell which ids it has. But for a span that begins a trace of its own: it may be given another parent
//! (`OpenTelemetrySpanExt::set_parent`) before it is entered, as a consumer of messages does it, and then its mark follows.

use std::sync::OnceLock;

use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceState};
use tower_watch_layers::spans;
use tower_watch_layers::w3c::{RemoteParent, SpanId, TraceContext, TraceId};
use tracing::dispatcher::WeakDispatch;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::telemetry::otlp::traces::making;
use crate::telemetry::otlp::traces::rename::{name_in, rename};

/// Begins what the layer before it made. To be added right after tracing-opentelemetry's.
#[derive(Debug, Default)]
pub(super) struct BeginSpans {
    subscriber: OnceLock<WeakDispatch>,
}

impl<S> Layer<S> for BeginSpans
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        let _ = self.subscriber.set(subscriber.downgrade());
    }

    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, subscriber: Context<'_, S>) {
        if !making::was_let_through() {
            return;
        }
        let Some(span) = subscriber.span(id) else { return };
        if let (Some(mark), Some(subscriber)) = (spans::mark_of(&span), self.subscriber.get()) {
            if may_get_another_parent(&mark) {
                let (id, subscriber) = (id.clone(), subscriber.clone());
                spans::renumber_later(&span, move || begin(&id, &mark, &subscriber));
            } else if let Some(context) = begin(id, &mark, subscriber) {
                spans::renumber(&span, context);
            }
        }
        making::detach();
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, subscriber: Context<'_, S>) {
        if let Some(name) = name_in(values)
            && let Some(span) = subscriber.span(id)
            && let Some(dispatch) = self.subscriber.get().and_then(WeakDispatch::upgrade)
        {
            rename(&span, name, &dispatch);
        }
    }
}

/// Whether it begins a trace, outside of all exchanges, whose ids nobody knows.
fn may_get_another_parent(mark: &spans::Mark) -> bool {
    mark.slot.is_none() && mark.context.parent.is_none() && !mark.is_placed
}

/// Begins a span. Its ids and its decision, where they are others than its mark has.
fn begin(id: &Id, mark: &spans::Mark, subscriber: &WeakDispatch) -> Option<TraceContext> {
    let dispatch = subscriber.upgrade()?;
    let begun = making::with(mark.context, || tracing_opentelemetry::get_otel_context(id, &dispatch))?;
    if let Some(link) = link_of(mark) {
        begun.span().add_link(link, Vec::new());
    }
    read_back(begun.span().span_context(), &mark.context)
}

/// What the span has to do with and is no child of: the caller of an exchange that is no part of its trace, the attempt before.
fn link_of(mark: &spans::Mark) -> Option<SpanContext> {
    let caller = || mark.slot.as_ref().filter(|_| mark.is_exchange)?.link().copied();
    mark.link.or_else(caller).map(linked)
}

pub(super) fn linked(linked: RemoteParent) -> SpanContext {
    SpanContext::new(
        opentelemetry::trace::TraceId::from_bytes(linked.trace_id.to_bytes()),
        opentelemetry::trace::SpanId::from_bytes(linked.span_id.to_bytes()),
        TraceFlags::default().with_sampled(linked.sampled),
        true,
        TraceState::default(),
    )
}

/// The ids and the decision, where they are not the mark's: of a tracer of the user's own, or after a parent that was set.
fn read_back(begun: &SpanContext, mark: &TraceContext) -> Option<TraceContext> {
    let context = TraceContext {
        trace_id: TraceId::from_bytes(begun.trace_id().to_bytes())?,
        span_id: SpanId::from_bytes(begun.span_id().to_bytes())?,
        sampled: begun.is_sampled(),
        ..*mark
    };
    (context != *mark).then_some(context)
}
