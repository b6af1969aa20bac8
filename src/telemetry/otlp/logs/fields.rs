//! From the fields of an event to the attributes of a log record.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Write};

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use tower_watch_layers::redact::{REDACTED, Redaction};
use tower_watch_layers::w3c::{SpanId, TraceId};
use tracing::field::{Field, Visit};

use crate::telemetry::logs::causes;
use crate::telemetry::otlp::settings::AttributeLimits;
use crate::telemetry::otlp::value::{attribute, text};

/// The longest message, in characters. The specification limits attributes only, and what waits must be bounded.
const LONGEST_MESSAGE: usize = 32 * 1024;

/// What was found in an event so far.
pub(super) struct Fields<'a> {
    redaction: &'a Redaction,
    limits: AttributeLimits,
    says_ids: bool,
    /// Of an event that says itself where it belongs.
    pub(super) trace_id: Option<TraceId>,
    pub(super) span_id: Option<SpanId>,
    pub(super) message: Option<String>,
    /// Of an event that came through the `log` crate.
    pub(super) log_target: Option<String>,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) dropped: u32,
}

impl<'a> Fields<'a> {
    /// `says_ids`: the event's `trace_id` and `span_id` are those of its span, and no attributes.
    pub(super) fn new(redaction: &'a Redaction, limits: AttributeLimits, says_ids: bool) -> Self {
        Self {
            redaction,
            limits,
            says_ids,
            trace_id: None,
            span_id: None,
            message: None,
            log_target: None,
            attributes: Vec::new(),
            dropped: 0,
        }
    }

    /// Adds what the event does not say itself.
    pub(super) fn add_context(&mut self, name: &str, value: impl fmt::Display) {
        if self.attributes.iter().all(|own| own.key != name) {
            self.push(name, text(shown(&value, self.limits.value_length)));
        }
    }

    fn push(&mut self, name: &str, value: Value) {
        if self.attributes.len() < self.limits.count {
            self.attributes.push(attribute(name, value));
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    fn number(&mut self, field: &Field, value: Value) {
        let value = if self.redaction.is_secret(field.name()) { text(REDACTED) } else { value };
        self.push(field.name(), value);
    }

    /// The text of a value, cut, and without the secrets that stand in it.
    fn redacted(&self, value: &dyn fmt::Display, longest: usize) -> String {
        let shown = shown(value, longest);
        match self.redaction.text(&shown) {
            Cow::Borrowed(_) => shown,
            Cow::Owned(redacted) => redacted,
        }
    }

    fn text(&mut self, field: &Field, value: &dyn fmt::Display) {
        match field.name() {
            "message" => self.message = Some(self.redacted(value, LONGEST_MESSAGE)),
            "log.target" => self.log_target = Some(shown(value, self.limits.value_length)),
            // What the bridge from the `log` crate adds.
            "log.module_path" | "log.file" | "log.line" => {}
            name if self.redaction.is_secret(name) => self.push(name, text(REDACTED)),
            name => {
                let value = self.redacted(value, self.limits.value_length);
                self.push(name, text(value));
            }
        }
    }
}

impl Visit for Fields<'_> {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, Value::BoolValue(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, Value::IntValue(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match i64::try_from(value) {
            _ if field.name() == "log.line" => {}
            Ok(value) => self.number(field, Value::IntValue(value)),
            Err(_) => self.text(field, &value),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field, Value::DoubleValue(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "trace_id" if self.says_ids => self.trace_id = TraceId::from_hex(value.as_bytes()),
            "span_id" if self.says_ids => self.span_id = SpanId::from_hex(value.as_bytes()),
            _ => self.text(field, &value),
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field, &WithCauses(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &Debugged(value));
    }
}

struct Debugged<'a>(&'a dyn fmt::Debug);

impl fmt::Display for Debugged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An error, and why it came to be.
struct WithCauses<'a>(&'a (dyn Error + 'static));

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        causes(self.0).try_for_each(|cause| write!(f, ": {cause}"))
    }
}

/// So many characters of a text. What is longer is not even formatted to its end.
fn shown(value: &dyn fmt::Display, most: usize) -> String {
    let mut shown = Cut { text: String::new(), left: most };
    // Fails where the text is cut, and where the application's code does.
    let _ = write!(shown, "{value}");
    shown.text
}

struct Cut {
    text: String,
    left: usize,
}

impl Write for Cut {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        match part.char_indices().nth(self.left) {
            None => {
                self.left -= part.chars().count();
                self.text.push_str(part);
                Ok(())
            }
            Some((end, _)) => {
                self.left = 0;
                self.text.push_str(&part[..end]);
                Err(fmt::Error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_text_is_cut_between_characters() {
        for (most, expected) in [(0, ""), (1, "g"), (3, "grö"), (5, "größe"), (9, "größe")] {
            assert_eq!(shown(&"größe", most), expected);
        }
        assert_eq!(shown(&format_args!("{}{}", "ab", "cd"), 3), "abc");
    }
}
