//! What the fields of a recorded span say: `otel.name`, `otel.kind` and `otel.status_code` are no attributes, as
//! tracing-opentelemetry has it.

use std::borrow::Cow;

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanKind, Status};
use tower_watch_layers::recording::FieldValue;

/// The fields of a span, each at its place.
pub(super) struct Said {
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) kind: SpanKind,
    pub(super) status: Status,
    pub(super) attributes: Vec<KeyValue>,
}

impl Said {
    pub(super) fn of(mut fields: Vec<(&'static str, FieldValue)>) -> Self {
        let mut said =
            Self { name: None, kind: SpanKind::Internal, status: Status::Unset, attributes: Vec::new() };
        let mut description = Cow::default();
        fields.retain_mut(|(key, value)| {
            let FieldValue::Text(text) = value else { return true };
            match *key {
                "otel.name" => said.name = Some(std::mem::take(text)),
                "otel.kind" => said.kind = kind(text),
                "otel.status_code" => said.status = status(text),
                "otel.status_description" => description = std::mem::take(text),
                _ => return true,
            }
            false
        });
        if !description.is_empty() {
            said.status = Status::error(description);
        }
        said.attributes = attributes(fields);
        said
    }
}

fn kind(text: &str) -> SpanKind {
    const KINDS: [(&str, SpanKind); 4] = [
        ("server", SpanKind::Server),
        ("client", SpanKind::Client),
        ("producer", SpanKind::Producer),
        ("consumer", SpanKind::Consumer),
    ];
    let known = KINDS.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
    known.map_or(SpanKind::Internal, |(_, kind)| kind)
}

fn status(text: &str) -> Status {
    match text {
        text if text.eq_ignore_ascii_case("ok") => Status::Ok,
        text if text.eq_ignore_ascii_case("error") => Status::error(""),
        _ => Status::Unset,
    }
}

pub(super) fn attributes(fields: Vec<(&'static str, FieldValue)>) -> Vec<KeyValue> {
    let attribute = |(key, value)| match value {
        FieldValue::Bool(value) => KeyValue::new(key, value),
        FieldValue::I64(value) => KeyValue::new(key, value),
        FieldValue::U64(value) => match i64::try_from(value) {
            Ok(value) => KeyValue::new(key, value),
            Err(_) => KeyValue::new(key, value.to_string()),
        },
        FieldValue::F64(value) => KeyValue::new(key, value),
        FieldValue::Text(value) => KeyValue::new(key, value),
        other => KeyValue::new(key, format!("{other:?}")),
    };
    fields.into_iter().map(attribute).collect()
}
