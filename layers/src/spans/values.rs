//! Formats fields: the only place where the application's code runs.

use std::cell::RefCell;
use std::error::Error;
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::field::{Field, Visit};

use crate::recording::{Fields, Part, Value};
use crate::redact::REDACTED;
use crate::spans::secrets::Secrets;

thread_local! {
    /// One set of buffers per thread. It is lent out while values are formatted; what such a value in turn logs finds it
    /// taken, and is counted only: so a `Debug` that logs itself comes to an end.
    static FIELDS: RefCell<Fields> = const { RefCell::new(Fields::new()) };
}

/// Lets `visit` go over the fields, then hands them to `take`. `None`: it is called from a value that is being formatted.
pub(crate) fn collect<R>(
    secrets: &Secrets,
    value_bytes: usize,
    visit: impl FnOnce(&mut dyn Visit),
    take: impl FnOnce(&Fields) -> R,
) -> Option<R> {
    FIELDS
        .try_with(|fields| {
            let mut fields = fields.try_borrow_mut().ok()?;
            fields.clear();
            visit(&mut Visitor { fields: &mut fields, secrets, value_bytes });
            Some(take(&fields))
        })
        .ok()
        .flatten()
}

struct Visitor<'a> {
    fields: &'a mut Fields,
    secrets: &'a Secrets,
    value_bytes: usize,
}

/// How far the causes of an error are followed: a chain may be a ring.
const CAUSES: usize = 16;

impl Visitor<'_> {
    fn put(&mut self, field: &Field, value: Value) {
        let is_secret = self.secrets.is_secret(field.name());
        let value = if is_secret { Value::Constant(REDACTED) } else { value };
        self.fields.list.push((field.name(), value));
    }

    fn put_text(&mut self, field: &Field, format: impl FnOnce(&mut dyn Write) -> fmt::Result) {
        if self.secrets.is_secret(field.name()) {
            self.fields.list.push((field.name(), Value::Constant(REDACTED)));
            return;
        }
        let start = self.fields.text.len();
        let mut cut = Cut { text: &mut self.fields.text, end: start + self.value_bytes, is_full: false };
        let outcome = catch_unwind(AssertUnwindSafe(|| format(&mut cut)));
        self.fields.cut += usize::from(cut.is_full);
        if outcome.is_err() {
            self.fields.list.push((field.name(), Value::Constant(PANICKED)));
            return;
        }
        let part = Part::since(start, self.fields.text.len());
        if field.name() == "message" && self.fields.message.is_none() {
            self.fields.message = Some(part);
        } else {
            self.fields.list.push((field.name(), Value::Text(part)));
        }
    }
}

/// What stands in the place of a value whose formatting panicked.
const PANICKED: &str = "[panicked while it was formatted]";

impl Visit for Visitor<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::F64(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::U64(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_text(field, |text| text.write_str(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put_text(field, |text| {
            write!(text, "{value}")?;
            let mut cause = value.source();
            for _ in 0..CAUSES {
                let Some(error) = cause else { break };
                write!(text, ": {error}")?;
                cause = error.source();
            }
            Ok(())
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put_text(field, |text| write!(text, "{value:?}"));
    }
}

/// Writes until it is full, and lets what follows go: an error would make some implementations of `Debug` panic.
struct Cut<'a> {
    text: &'a mut String,
    end: usize,
    is_full: bool,
}

impl Write for Cut<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if self.is_full {
            return Ok(());
        }
        let room = self.end.saturating_sub(self.text.len());
        self.is_full = part.len() > room;
        let fits = room.min(part.len());
        let fits = (0..=fits).rev().find(|end| part.is_char_boundary(*end)).unwrap_or(0);
        self.text.push_str(&part[..fits]);
        Ok(())
    }
}
