//! One line.

use std::error::Error;
use std::fmt::{Debug, Write};

use tower_watch_layers::access;
use tower_watch_layers::redact::{REDACTED, Redaction};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata};

use crate::telemetry::logs::ids::Ids;
use crate::telemetry::logs::text::paint::{Ink, push_painted};
use crate::telemetry::logs::text::target::push_target;
use crate::telemetry::logs::text::visible::push_visible;
use crate::telemetry::logs::timestamp::Utc;
use crate::telemetry::logs::value::{CUT, causes, push_bounded};

/// How lines are written.
#[derive(Clone, Debug)]
pub(crate) struct TextForm {
    pub(crate) redaction: Redaction,
    pub(crate) limit: usize,
    pub(crate) colour: bool,
}

/// A line that is being written.
pub(crate) struct TextLine<'a> {
    pub(crate) out: &'a mut String,
    /// The fields, which stand after the message, wherever the event has them.
    pub(crate) fields: &'a mut String,
    pub(crate) scratch: &'a mut String,
    pub(crate) form: &'a TextForm,
    pub(crate) is_access: bool,
}

impl TextLine<'_> {
    /// Writes the time, the level and the target.
    pub(crate) fn start(&mut self, time: Utc, event: &Event<'_>) {
        let mut text = std::mem::take(self.scratch);
        text.clear();
        time.push_time(&mut text);
        let colour = self.form.colour;
        push_painted(self.out, colour, Ink::Faint, &text);
        self.out.push(' ');
        let level = *event.metadata().level();
        push_painted(self.out, colour, Ink::Of(level), level.as_str());
        self.out.push_str(if level.as_str().len() == 4 { "  " } else { " " });
        text.clear();
        push_target(&mut text, event);
        push_painted(self.out, colour, Ink::Faint, &text);
        self.out.push(':');
        *self.scratch = text;
    }

    /// Writes the fields, and whose line it is.
    pub(crate) fn finish(self, ids: &Ids) {
        let Self { out, fields, form, is_access, .. } = self;
        out.push_str(fields);
        if !is_access {
            let mut member = |key: &str, value: &str| {
                fields.clear();
                fields.extend([" ", key, "=", value]);
                push_painted(out, form.colour, Ink::Faint, fields);
            };
            if let Some(slot) = ids.slot() {
                if let Some(id) = slot.request_id() {
                    let id = id.as_str();
                    // The end of an id tells it from those of the same second.
                    member("request", &id[id.len().saturating_sub(SHORT)..]);
                }
                if let Some(tenant) = slot.tenant() {
                    member("tenant", tenant.as_str());
                }
                if let Some(user) = slot.user() {
                    member("user", user.as_str());
                }
            }
            if let Some(trace) = &ids.trace {
                member("trace", str::from_utf8(&trace.trace_id.to_hex()[..SHORT]).unwrap_or_default());
            }
        }
        out.push('\n');
    }

    /// Writes a value; `None`: one that is not shown.
    fn value(&mut self, field: &Field, write: impl FnOnce(&mut dyn Write) -> std::fmt::Result) {
        let name = field.name();
        if name.starts_with("log.") || self.is_access && name == "message" {
            return;
        }
        let mut text = std::mem::take(self.scratch);
        text.clear();
        let is_cut = !self.form.redaction.is_secret(name)
            && push_bounded(&mut text, self.form.limit, |text| write(text));
        let is_bare = self.is_access && matches!(name, "method" | "route" | "status" | "outcome");
        let out = match name {
            "message" => &mut *self.out,
            _ => &mut *self.fields,
        };
        out.push(' ');
        if name != "message" && !is_bare {
            push_painted(out, self.form.colour, Ink::Faint, name);
            out.push('=');
        }
        if self.form.redaction.is_secret(name) {
            out.push_str(REDACTED);
        } else {
            push_visible(out, &self.form.redaction.text(&text));
        }
        out.push_str(if is_cut { CUT } else { "" });
        *self.scratch = text;
    }
}

/// So many characters of an id are enough for a person.
const SHORT: usize = 8;

impl Visit for TextLine<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.value(field, |text| text.write_str(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.value(field, |text| {
            write!(text, "{value}")?;
            causes(value).try_for_each(|cause| write!(text, ": {cause}"))
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.value(field, |text| write!(text, "{value:?}"));
    }
}

/// Whether the line is one of the access log, which is shown in its own way.
pub(crate) fn is_access(metadata: &Metadata<'_>) -> bool {
    metadata.target() == access::TARGET
}
