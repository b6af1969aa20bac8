//! The trace across a message queue.

use http::HeaderValue;
use tracing::Span;
use tracing::field::Empty;

use crate::observe;
use crate::spans::{self, Placed};
use crate::w3c::{
    BAGGAGE, Baggage, Carrier, CarrierMut, RemoteParent, TRACEPARENT, TRACESTATE, TraceContext, Tracestate,
    format_traceparent, parse_traceparent,
};

/// Writes the present place in the trace into the headers of a message: `traceparent`, and `tracestate` where one came in.
/// Nothing where there is no trace. They identify nobody.
pub fn inject(carrier: &mut impl CarrierMut) {
    let Some(context) = spans::current() else { return };
    if let Ok(parent) = str::from_utf8(&format_traceparent(&context)) {
        carrier.set(TRACEPARENT, parent);
    }
    let around = observe::current();
    let around =
        around.as_ref().filter(|slot| slot.trace().is_some_and(|own| own.trace_id == context.trace_id));
    let state = around.and_then(|slot| slot.carried()?.tracestate.as_ref());
    if let Some(state) = state.and_then(|state| state.to_str().ok()) {
        carrier.set(TRACESTATE, state);
    }
}

/// The same, and the `baggage` that came in: for those who may know what the application hands along.
pub fn inject_with_baggage(carrier: &mut impl CarrierMut) {
    inject(carrier);
    let around = observe::current();
    let baggage = around.as_ref().and_then(|slot| slot.carried()?.baggage.as_ref());
    if let Some(baggage) = baggage.and_then(|baggage| baggage.to_str().ok()) {
        carrier.set(BAGGAGE, baggage);
    }
}

/// Reads where a message comes from; `None` where it has no valid `traceparent`.
pub fn extract(carrier: &impl Carrier) -> Option<RemoteContext> {
    let parent = parse_traceparent(&carrier.get(TRACEPARENT)?)?;
    let tracestate = carrier.get(TRACESTATE).filter(|state| Tracestate::parse(state).is_some());
    let baggage = carrier.get(BAGGAGE).filter(|baggage| Baggage::parse(baggage).is_some());
    let header = |bytes: std::borrow::Cow<'_, [u8]>| HeaderValue::from_bytes(&bytes).ok();
    Some(RemoteContext { parent, tracestate: tracestate.and_then(header), baggage: baggage.and_then(header) })
}

/// Where a message comes from, as it says itself. Take it up in a span: [`span`](Self::span), or
/// [`MessageSpan::continuing`](crate::traced::MessageSpan::continuing).
#[derive(Clone, Debug)]
pub struct RemoteContext {
    parent: RemoteParent,
    tracestate: Option<HeaderValue>,
    baggage: Option<HeaderValue>,
}

impl RemoteContext {
    /// The span that it was sent in.
    #[must_use]
    pub fn parent(&self) -> &RemoteParent {
        &self.parent
    }

    /// Its `tracestate`, checked.
    #[must_use]
    pub fn tracestate(&self) -> Option<Tracestate<'_>> {
        self.tracestate.as_ref().and_then(|state| Tracestate::parse(state.as_bytes()))
    }

    /// Its baggage.
    #[must_use]
    pub fn baggage(&self) -> Option<Baggage<'_>> {
        self.baggage.as_ref().and_then(|baggage| Baggage::parse(baggage.as_bytes()))
    }

    /// A span that is a child of the sender's, in its trace, whatever span is around.
    #[must_use]
    pub fn span(&self, name: &str) -> Span {
        spans::placing(self.child(), || {
            tracing::info_span!(
                "message",
                otel.name = name,
                otel.kind = "consumer",
                otel.status_code = Empty,
                otel.status_description = Empty,
                error.type = Empty,
            )
        })
    }

    /// A span below the present one, or of a trace of its own, with a link to the sender's.
    #[must_use]
    pub fn linked_span(&self, name: &str) -> Span {
        spans::placing(self.linked(), || {
            tracing::info_span!(
                "message",
                otel.name = name,
                otel.kind = "consumer",
                otel.status_code = Empty,
                otel.status_description = Empty,
                error.type = Empty,
            )
        })
    }

    pub(crate) fn child(&self) -> Placed {
        Placed { context: TraceContext::below(&self.parent), link: None, parent_is_remote: true }
    }

    pub(crate) fn linked(&self) -> Placed {
        let context =
            spans::current().map_or_else(|| TraceContext::root(self.parent.sampled), |around| around.child());
        Placed { context, link: Some(self.parent), parent_is_remote: false }
    }
}
