//! Where in which trace something happens.

use http::{HeaderMap, HeaderValue};

use crate::w3c::{Propagation, RemoteParent, SpanId, TraceId, baggage_of, tracestate_of};

/// A span of a trace, as others have to know it. 40 bytes, copied freely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// The span that this one is a child of, where it has a parent.
    pub parent: Option<SpanId>,
    /// Whether the trace is recorded here, and asked to be recorded further on.
    pub sampled: bool,
    /// Whether the last 7 bytes of the trace id are random (level 2 of the recommendation), so that others may sample by them.
    pub random: bool,
}

impl TraceContext {
    /// The beginning of a new trace.
    #[must_use]
    pub fn root(sampled: bool) -> Self {
        Self { trace_id: TraceId::random(), span_id: SpanId::random(), parent: None, sampled, random: true }
    }

    /// A new span below one of another service, whose decision to sample is followed.
    #[must_use]
    pub fn below(parent: &RemoteParent) -> Self {
        Self {
            trace_id: parent.trace_id,
            span_id: SpanId::random(),
            parent: Some(parent.span_id),
            sampled: parent.sampled,
            random: parent.random,
        }
    }

    /// A new span below this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { span_id: SpanId::random(), parent: Some(self.span_id), ..*self }
    }
}

/// What came along with a trace and is handed on with it: headers as they came, checked.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// `tracestate`: what each tracing system on the way noted.
    pub tracestate: Option<HeaderValue>,
    /// `baggage`: what the application handed along.
    pub baggage: Option<HeaderValue>,
}

impl Carried {
    /// What the headers of a request bring; `None` where that is nothing. Shares the headers, and copies one only where it
    /// came in several or has a fault.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        Self::of_those(Propagation::default(), headers)
    }

    /// The same, of those headers that are read.
    pub(crate) fn of_those(read: Propagation, headers: &HeaderMap) -> Option<Self> {
        let tracestate = read.trace_context.then(|| tracestate_of(headers)).flatten();
        let baggage = read.baggage.then(|| baggage_of(headers)).flatten();
        let carried = Self { tracestate, baggage };
        (carried.tracestate.is_some() || carried.baggage.is_some()).then_some(carried)
    }
}
