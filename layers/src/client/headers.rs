//! What a request hands on.

use http::header::{HeaderMap, HeaderName};
use http::{HeaderValue, header};

use crate::client::ClientConfig;
use crate::observe::Slot;
use crate::w3c::{BAGGAGE, TRACEPARENT, TRACESTATE, TraceContext, format_traceparent};

/// Says to every host where in which trace the request is. What the caller has said stays.
pub(crate) fn hand_on_trace(headers: &mut HeaderMap, context: &TraceContext, around: Option<&Slot>) {
    if headers.contains_key(TRACEPARENT) {
        return;
    }
    let parent = HeaderValue::from_bytes(&format_traceparent(context)).expect("digits and dashes");
    // Too many headers for the map: the request is more important than its trace.
    if headers.try_insert(HeaderName::from_static(TRACEPARENT), parent).is_err() {
        return;
    }
    let state = around
        .filter(|slot| slot.trace().is_some_and(|trace| trace.trace_id == context.trace_id))
        .and_then(|slot| slot.carried()?.tracestate.as_ref());
    if let Some(state) = state {
        add(headers, &HeaderName::from_static(TRACESTATE), state);
    }
}

/// Says to a trusted host who asks.
pub(crate) fn hand_on_identity(headers: &mut HeaderMap, config: &ClientConfig, around: &Slot) {
    if let Some(id) = around.request_id() {
        add(headers, &config.request_id, &id.to_header());
    }
    if let Some(tenant) = around.tenant() {
        add(headers, &config.tenant, &tenant.to_header());
    }
    let carried = around.carried().filter(|_| config.propagation.baggage);
    if let Some(baggage) = carried.and_then(|carried| carried.baggage.as_ref()) {
        add(headers, &HeaderName::from_static(BAGGAGE), baggage);
    }
}

fn add(headers: &mut HeaderMap, name: &HeaderName, value: &HeaderValue) {
    debug_assert_ne!(*name, header::AUTHORIZATION, "credentials are the caller's matter");
    if !headers.contains_key(name) {
        let _ = headers.try_insert(name, value.clone());
    }
}
