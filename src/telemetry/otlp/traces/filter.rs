//! What tracing-opentelemetry gets to see.

use std::str::FromStr;

use opentelemetry::Context as OtelContext;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use tower_watch_layers::observe::Slot;
use tower_watch_layers::spans::{self, Mark};
use tower_watch_layers::w3c::TraceContext;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;

use crate::telemetry::otlp::noise;
use crate::telemetry::otlp::traces::making;

/// Lets through what happens in a sampled trace, and what begins one outside of all exchanges.
///
/// An exchange that is not sampled costs one read of a thread-local for each of its spans and events.
#[derive(Clone, Copy, Debug)]
pub(super) struct SampledOnly {
    pub(super) level: LevelFilter,
}

impl<S> Filter<S> for SampledOnly
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if *metadata.level() > self.level || noise::is_never_traced(metadata) {
            Interest::never()
        } else {
            Interest::sometimes()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        *metadata.level() <= self.level
            && spans::current().is_none_or(|context| context.sampled)
            && !noise::is_exporting()
            && !noise::is_never_traced(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    /// tracing-opentelemetry takes the current context for the parent: it is the mark's, also where that came from another
    /// process, from another thread, or with the context of a spawned task alone.
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, subscriber: Context<'_, S>) {
        making::let_through();
        let Some(mark) = subscriber.span(id).and_then(|span| spans::mark_of(&span)) else { return };
        let parent = mark.context.parent.map(|parent| SpanId::from_bytes(parent.to_bytes()));
        let current = OtelContext::map_current(|current| current.span().span_context().span_id());
        if current != parent.unwrap_or(SpanId::INVALID) {
            making::attach(parent_of(&mark, parent).attach());
        }
    }
}

fn parent_of(mark: &Mark, parent: Option<SpanId>) -> OtelContext {
    match parent {
        Some(parent) => OtelContext::current().with_remote_span_context(SpanContext::new(
            trace_id(&mark.context),
            parent,
            flags(&mark.context),
            mark.parent_is_remote,
            mark.slot.as_deref().map(trace_state).unwrap_or_default(),
        )),
        None => OtelContext::new(),
    }
}

pub(super) fn trace_id(context: &TraceContext) -> TraceId {
    TraceId::from_bytes(context.trace_id.to_bytes())
}

pub(super) fn flags(context: &TraceContext) -> TraceFlags {
    TraceFlags::default().with_sampled(context.sampled)
}

/// What came along for other tracing systems. It was checked when it came in.
pub(super) fn trace_state(slot: &Slot) -> TraceState {
    let header = slot.carried().and_then(|carried| carried.tracestate.as_ref()?.to_str().ok());
    header.and_then(|header| TraceState::from_str(header).ok()).unwrap_or_default()
}
