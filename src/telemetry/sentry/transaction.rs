//! An exchange with its spans.
//!
//! Each sampled span notes its start in its own extensions and hands itself, when it closes, to the span of its exchange, which
//! closes last: a span keeps its parents alive.

use std::time::SystemTime;

use sentry_core::protocol::{Map, Span, SpanStatus, Transaction, Value};
use tower_watch_layers::observe::Slot;
use tower_watch_layers::w3c::TraceContext;

use crate::telemetry::sentry::fields::Fields;
use crate::telemetry::sentry::place;

/// More spans of one exchange are counted, and not sent.
const SPANS: usize = 300;

/// What is known of a sampled span while it is open.
#[derive(Debug)]
pub(crate) struct OpenSpan {
    start: SystemTime,
    pub(crate) fields: Fields,
    below: Vec<Span>,
    not_sent: u64,
}

impl OpenSpan {
    pub(crate) fn new(start: SystemTime) -> Self {
        Self { start, fields: Fields::default(), below: Vec::new(), not_sent: 0 }
    }

    /// A span below this one is over.
    pub(crate) fn add(&mut self, span: Span) {
        if self.below.len() < SPANS {
            self.below.push(span);
        } else {
            self.not_sent += 1;
        }
    }

    /// The span, now that it is over.
    pub(crate) fn into_span(self, context: TraceContext, name: &str, target: &str, end: SystemTime) -> Span {
        Span {
            span_id: place::span_id(context.span_id),
            trace_id: place::trace_id(context.trace_id),
            parent_span_id: context.parent.map(place::span_id),
            op: Some(target.to_owned()),
            description: Some(name.to_owned()),
            start_timestamp: self.start,
            timestamp: Some(end),
            data: self.fields.values,
            ..Span::default()
        }
    }

    /// The exchange, now that it is over.
    pub(crate) fn into_transaction(
        self,
        context: TraceContext,
        slot: &Slot,
        end: SystemTime,
    ) -> Transaction<'static> {
        let mut trace = place::trace(context);
        trace.op = Some("http.server".to_owned());
        trace.status = status(&self.fields.values);
        trace.data = self.fields.values;
        if self.not_sent > 0 {
            trace.data.insert("spans_not_sent".to_owned(), self.not_sent.into());
        }
        Transaction {
            name: Some(place::transaction_name(slot)),
            start_timestamp: self.start,
            timestamp: Some(end),
            spans: self.below,
            tags: place::tags(slot),
            contexts: Map::from([("trace".to_owned(), trace.into())]),
            ..Transaction::default()
        }
    }
}

/// What the attributes of the exchange's span say of how it came out.
fn status(fields: &Map<String, Value>) -> Option<SpanStatus> {
    let code = fields.get("http.response.status_code").and_then(|code| match code {
        Value::String(digits) => digits.parse().ok(),
        number => number.as_u64(),
    });
    let status = match code {
        _ if fields.contains_key("error.type") && code.is_none_or(|code| code < 400) => {
            SpanStatus::UnknownError
        }
        None => return None,
        Some(100..400) => SpanStatus::Ok,
        Some(401) => SpanStatus::Unauthenticated,
        Some(403) => SpanStatus::PermissionDenied,
        Some(404) => SpanStatus::NotFound,
        Some(409) => SpanStatus::AlreadyExists,
        Some(429) => SpanStatus::ResourceExhausted,
        Some(499) => SpanStatus::Cancelled,
        Some(400..=499) => SpanStatus::InvalidArgument,
        Some(501) => SpanStatus::Unimplemented,
        Some(503) => SpanStatus::Unavailable,
        Some(504) => SpanStatus::DeadlineExceeded,
        Some(_) => SpanStatus::InternalError,
    };
    Some(status)
}

#[cfg(test)]
mod tests {
    use sentry_core::protocol::{Map, SpanStatus, Value};

    use super::status;

    fn of(fields: &[(&str, Value)]) -> Option<SpanStatus> {
        status(&fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Map<_, _>>())
    }

    #[test]
    fn an_exchange_came_out_as_its_attributes_say() {
        assert_eq!(of(&[]), None);
        for (code, expected) in [
            (200, SpanStatus::Ok),
            (302, SpanStatus::Ok),
            (404, SpanStatus::NotFound),
            (418, SpanStatus::InvalidArgument),
            (500, SpanStatus::InternalError),
            (503, SpanStatus::Unavailable),
        ] {
            assert_eq!(of(&[("http.response.status_code", code.into())]), Some(expected), "{code}");
        }
        assert_eq!(of(&[("http.response.status_code", "429".into())]), Some(SpanStatus::ResourceExhausted));
        // A body that broke off, and an exchange that had no head.
        let broken = [("http.response.status_code", 200.into()), ("error.type", "body".into())];
        assert_eq!(of(&broken), Some(SpanStatus::UnknownError));
        assert_eq!(of(&[("error.type", "panic".into())]), Some(SpanStatus::UnknownError));
    }
}
