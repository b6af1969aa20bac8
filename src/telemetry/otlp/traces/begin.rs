//! Each span is begun when it is made.
//!
//! tracing-opentelemetry would begin it when it is entered first, or closed, or asked about, and by then nothing could tell
//! which ids it has.

use std::sync::OnceLock;

use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceState};
use tower_watch_layers::spans;
use tower_watch_layers::w3c::{SpanId, TraceContext, TraceId};
use tracing::dispatcher::WeakDispatch;
use tracing::span::{Attributes, Id};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::telemetry::otlp::traces::making;

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
        let begin = |mark: spans::Mark| {
            let dispatch = self.subscriber.get()?.upgrade()?;
            let begun =
                making::with(mark.context, || tracing_opentelemetry::get_otel_context(id, &dispatch))?;
            if let Some(link) = link_of(&mark) {
                begun.span().add_link(link, Vec::new());
            }
            let context = read_back(begun.span().span_context(), &mark.context)?;
            spans::renumber(&span, context);
            Some(())
        };
        spans::mark_of(&span).and_then(begin);
        making::detach();
    }
}

/// What the span has to do with and is no child of: the caller of an exchange that is no part of its trace, the attempt before.
fn link_of(mark: &spans::Mark) -> Option<SpanContext> {
    let caller = || mark.slot.as_ref().filter(|_| mark.is_exchange)?.link().copied();
    let linked = mark.link.or_else(caller)?;
    Some(SpanContext::new(
        opentelemetry::trace::TraceId::from_bytes(linked.trace_id.to_bytes()),
        opentelemetry::trace::SpanId::from_bytes(linked.span_id.to_bytes()),
        TraceFlags::default().with_sampled(linked.sampled),
        true,
        TraceState::default(),
    ))
}

/// The ids and the decision of a tracer that does not follow the mark: a user's own.
fn read_back(begun: &SpanContext, mark: &TraceContext) -> Option<TraceContext> {
    let context = TraceContext {
        trace_id: TraceId::from_bytes(begun.trace_id().to_bytes())?,
        span_id: SpanId::from_bytes(begun.span_id().to_bytes())?,
        sampled: begun.is_sampled(),
        ..*mark
    };
    (context != *mark).then_some(context)
}
