//! A name that is recorded after the span was begun.
//!
//! tracing-opentelemetry takes `otel.name` only as long as a span is not begun, which here is the moment at which it is made. A
//! request has its name later where its route is found further in, and so have calls to databases and messages.

use std::fmt;

use opentelemetry::trace::TraceContextExt;
use tower_watch_layers::spans;
use tracing::Dispatch;
use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

/// The name among these values.
pub(super) fn name_in(values: &Record<'_>) -> Option<String> {
    let mut name = Name(None);
    values.record(&mut name);
    name.0
}

/// Gives a span this name; where it is not begun, tracing-opentelemetry has done so.
pub(super) fn rename<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>, name: String, dispatch: &Dispatch) {
    if spans::is_open(span) {
        return;
    }
    if let Some(begun) = tracing_opentelemetry::get_otel_context(&span.id(), dispatch) {
        begun.span().update_name(name);
    }
}

struct Name(Option<String>);

impl Name {
    fn take(&mut self, field: &Field, text: impl FnOnce() -> String) {
        if field.name() == "otel.name" {
            self.0 = Some(text());
        }
    }
}

impl Visit for Name {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, || value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, || format!("{value:?}"));
    }
}
