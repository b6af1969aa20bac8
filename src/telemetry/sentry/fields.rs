//! What an event or a span says.

use std::error::Error;
use std::fmt::{self, Write};

use sentry_core::protocol::{Exception, Map, Value};
use tracing::field::{Field, Visit};

use crate::telemetry::logs::push_bounded;

/// Bytes of a message, and of each other value. A longer one is cut.
const MESSAGE_BYTES: usize = 8 * 1024;
const VALUE_BYTES: usize = 1024;
/// More fields are left out.
const COUNT: usize = 64;
/// More causes are left out.
const CAUSES: usize = 16;

/// Fields, in the form in which they are sent.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) message: Option<String>,
    /// What a panic said: the field `panic`.
    pub(crate) panic: Option<String>,
    /// The chain of an `error`, the innermost cause first, as Sentry wants it.
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) values: Map<String, Value>,
}

impl Fields {
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        // What the bridges from `log` and to OpenTelemetry add says nothing to a reader.
        let is_for_a_bridge = ["log.", "otel."].iter().any(|prefix| field.name().starts_with(prefix));
        if self.values.len() < COUNT && !is_for_a_bridge {
            self.values.insert(field.name().to_owned(), value.into());
        }
    }

    fn text(&mut self, field: &Field, text: fmt::Arguments<'_>) {
        match field.name() {
            "message" => self.message = Some(bounded(text, MESSAGE_BYTES)),
            "panic" => self.panic = Some(bounded(text, MESSAGE_BYTES)),
            _ => self.insert(field, bounded(text, VALUE_BYTES)),
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if !self.exceptions.is_empty() {
            return self.text(field, format_args!("{value}"));
        }
        let mut next = Some(value);
        while let Some(error) = next.filter(|_| self.exceptions.len() < CAUSES) {
            self.exceptions.push(exception(error));
            next = error.source();
        }
        self.exceptions.reverse();
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format_args!("{value:?}"));
    }
}

fn exception(error: &(dyn Error + 'static)) -> Exception {
    let shown = bounded(format_args!("{error:?}"), VALUE_BYTES);
    let value = bounded(format_args!("{error}"), MESSAGE_BYTES);
    // An error made of a text alone shows that text in quotes: no type can be read off it.
    let ty = match shown.starts_with('"') || shown == value {
        true => "Error".to_owned(),
        false => sentry_core::parse_type_from_debug(&shown).to_owned(),
    };
    Exception { ty, value: Some(value), ..Exception::default() }
}

/// The text, cut where it is longer than it may be; the rest is not even formatted. One that panics costs itself only.
pub(crate) fn bounded(text: fmt::Arguments<'_>, limit: usize) -> String {
    let mut shown = String::new();
    if push_bounded(&mut shown, limit, |out| out.write_fmt(text)) {
        shown.push_str("...");
    }
    shown
}
