//! In which request something was said.

use sentry_core::protocol::{Map, SpanId, TraceContext, TraceId, User};
use tower_watch_layers::observe::Slot;
use tower_watch_layers::w3c;

/// The route as Sentry groups by it: `GET /users/{id}`.
pub(crate) fn transaction_name(slot: &Slot) -> String {
    format!("{} {}", slot.method(), slot.route().endpoint())
}

/// The tags of an exchange.
pub(crate) fn tags(slot: &Slot) -> Map<String, String> {
    let ids = [
        ("request_id", slot.request_id().map(ToString::to_string)),
        ("tenant", slot.tenant().map(|tenant| tenant.to_string())),
    ];
    ids.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The user of an exchange.
pub(crate) fn user(slot: &Slot) -> Option<User> {
    slot.user().map(|user| User { id: Some(user.to_string()), ..User::default() })
}

/// The trace, as Sentry has it.
pub(crate) fn trace(context: w3c::TraceContext) -> TraceContext {
    TraceContext {
        trace_id: trace_id(context.trace_id),
        span_id: span_id(context.span_id),
        parent_span_id: context.parent.map(span_id),
        ..TraceContext::default()
    }
}

pub(crate) fn trace_id(id: w3c::TraceId) -> TraceId {
    TraceId::from(id.to_bytes())
}

pub(crate) fn span_id(id: w3c::SpanId) -> SpanId {
    SpanId::from(id.to_bytes())
}
