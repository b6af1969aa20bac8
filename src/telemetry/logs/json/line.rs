//! One line.

use std::error::Error;
use std::fmt::{Debug, Write};

use tower_watch_layers::observe::Slot;
use tower_watch_layers::redact::REDACTED;
use tower_watch_layers::w3c::{SpanId, TraceId};
use tracing::field::{Field, Visit};

use crate::telemetry::business::{self, Datum};
use crate::telemetry::logs::ids::Ids;
use crate::telemetry::logs::json::callsite::{CallsitePlan, HttpForm, Kind, Part};
use crate::telemetry::logs::json::error::ErrorForm;
use crate::telemetry::logs::json::escape::{push_escaped, push_string};
use crate::telemetry::logs::json::form::{Form, VALUES};
use crate::telemetry::logs::json::number::{push_f64, push_integer, push_wide};
use crate::telemetry::logs::keys::IdForm;
use crate::telemetry::logs::timestamp::Utc;
use crate::telemetry::logs::value::{CUT, push_bounded, shortened};

/// A line that is being written: its start is there, the fields of the event come, [`finish`](Self::finish) adds the rest.
pub(crate) struct Line<'a> {
    out: &'a mut String,
    /// The members of `httpRequest`.
    http: &'a mut String,
    scratch: &'a mut String,
    form: &'a Form,
    plan: &'a CallsitePlan,
    ids: &'a Ids,
    /// The parts that have their own value.
    parts: u8,
    has_exception: bool,
    /// Bytes that values may still have.
    budget: usize,
}

impl<'a> Line<'a> {
    /// Writes the timestamp, the level and the target.
    pub(crate) fn start(
        [out, http, scratch]: [&'a mut String; 3],
        form: &'a Form,
        plan: &'a CallsitePlan,
        ids: &'a Ids,
    ) -> Self {
        let budget = form.limit.saturating_mul(VALUES);
        out.push_str(&form.opening);
        Utc::of(form.clock.wall()).push_to(out);
        out.push_str(&plan.head);
        let parts = parts_of(ids) & !plan.own_parts;
        Self { out, http, scratch, form, plan, ids, parts, has_exception: false, budget }
    }

    /// Writes whose line it is and who writes it.
    pub(crate) fn finish(self) {
        let Self { out, http, form, ids, parts, .. } = self;
        if let Some(members) = http.strip_prefix(',') {
            out.extend([",\"httpRequest\":{", members, "}"]);
        }
        push_ids(out, form, ids, parts);
        out.push_str(&form.closing);
    }

    /// Writes the key of a field, and says what its value is; `None` where that is not to be written.
    fn key(&mut self, field: &Field) -> Option<Kind> {
        let plan = self.plan.fields.get(field.index())?;
        let (key, kind) = match &plan.shared_with {
            Some((part, elsewhere)) if self.parts & *part as u8 != 0 => (elsewhere, Kind::Value),
            _ => (&plan.key, plan.kind),
        };
        match kind {
            Kind::Left => return None,
            Kind::Http(_) => self.http.push_str(key),
            Kind::Secret => {
                self.out.push_str(key);
                push_string(self.out, REDACTED);
                return None;
            }
            _ => self.out.push_str(key),
        }
        Some(kind)
    }

    /// Writes the value of a text.
    fn text(&mut self, kind: Kind, text: &str) {
        match kind {
            Kind::TraceId => match TraceId::from_hex(text.as_bytes()) {
                Some(trace) => push_trace(self.out, self.form, trace),
                None => self.string(kind, text, false),
            },
            Kind::SpanId => match SpanId::from_hex(text.as_bytes()) {
                Some(span) => push_span(self.out, self.form, span),
                None => self.string(kind, text, false),
            },
            _ => self.string(kind, text, false),
        }
    }

    /// Writes a string, cut and without its secrets.
    fn string(&mut self, kind: Kind, text: &str, is_cut: bool) {
        let (kept, is_long) = shortened(text, self.form.limit.min(self.budget));
        self.budget -= kept.len();
        let out = if matches!(kind, Kind::Http(_)) { &mut *self.http } else { &mut *self.out };
        out.push_str(if kind == Kind::Http(HttpForm::Version) { "\"HTTP/" } else { "\"" });
        push_escaped(out, &self.form.redaction.text(kept));
        out.push_str(if is_cut || is_long { CUT } else { "" });
        out.push('"');
    }

    /// Writes a number by its own form.
    fn number(&mut self, field: &Field, push: impl FnOnce(&mut String)) {
        let start = self.out.len();
        match self.key(field) {
            None => {}
            Some(Kind::Http(HttpForm::AsItIs)) => push(self.http),
            Some(Kind::Http(_)) => {
                self.http.push('"');
                push(self.http);
                self.http.push('"');
            }
            Some(_) => push(self.out),
        }
        self.take_back_repeated(field, start);
    }

    /// Takes back a member that says what its part of the line says too.
    fn take_back_repeated(&mut self, field: &Field, start: usize) {
        let Some(plan) = self.plan.fields.get(field.index()) else { return };
        let has = |key: &str, is_same: &dyn Fn(&str) -> bool| {
            self.out[start..].strip_prefix(key).is_some_and(|value| is_same(value.trim_matches('"')))
        };
        let is_repeated = match &plan.shared_with {
            Some((part, elsewhere)) => has(elsewhere, &|value| is_own(self.ids, *part, value)),
            None => plan.said.as_deref().is_some_and(|said| has(&plan.key, &|value| value == said)),
        };
        if is_repeated {
            self.out.truncate(start);
        }
    }
}

impl Visit for Line<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        match self.plan.fields.get(field.index()).map(|plan| plan.kind) {
            Some(Kind::Nanoseconds) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a cast of floats saturates, and that is meant"
                )]
                let nanoseconds = (value * 1e6).round() as u64;
                self.number(field, |out| push_integer(out, nanoseconds));
            }
            Some(Kind::Http(HttpForm::Seconds)) => {
                // Writing into a string does not fail.
                self.number(field, |out| _ = write!(out, "{:.6}s", value / 1_000.0));
            }
            _ => self.number(field, |out| push_f64(out, value)),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, |out| push_integer(out, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, |out| push_integer(out, value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.number(field, |out| push_wide(out, value, i64::try_from(value).is_ok()));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.number(field, |out| push_wide(out, value, u64::try_from(value).is_ok()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, |out| out.push_str(if value { "true" } else { "false" }));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let start = self.out.len();
        if let Some(kind) = self.key(field) {
            self.text(kind, value);
            self.take_back_repeated(field, start);
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let is_secret = || self.plan.fields.get(field.index()).is_some_and(|plan| plan.kind == Kind::Secret);
        let is_first = !self.has_exception && !is_secret();
        if !is_first && self.key(field).is_none() {
            return;
        }
        let Self { out, scratch, form, budget, .. } = self;
        let mut error = ErrorForm { redaction: &form.redaction, limit: form.limit, budget, scratch };
        if is_first {
            error.push_part(out, form.keys.names().exception, value);
            self.has_exception = true;
        } else {
            error.push_object(out, value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let start = self.out.len();
        let Some(kind) = self.key(field) else { return };
        if kind == Kind::Data {
            return self.data();
        }
        // The value may log while it is formatted, which takes other buffers than these.
        let mut text = std::mem::take(self.scratch);
        text.clear();
        let is_cut =
            push_bounded(&mut text, self.form.limit.min(self.budget), |text| write!(text, "{value:?}"));
        if is_cut {
            self.string(kind, &text, true);
        } else {
            self.text(kind, &text);
        }
        *self.scratch = text;
        self.take_back_repeated(field, start);
    }
}

impl Line<'_> {
    /// Writes what a business event carries.
    fn data(&mut self) {
        self.out.push('{');
        let start = self.out.len();
        business::with_data(|key, value| {
            if self.out.len() > start {
                self.out.push(',');
            }
            push_string(self.out, shortened(key, self.form.limit).0);
            self.out.push(':');
            match value {
                _ if self.form.redaction.is_secret(key) => push_string(self.out, REDACTED),
                Datum::Text(text) => self.string(Kind::Value, text, false),
                Datum::Integer(number) => {
                    push_wide(
                        self.out,
                        *number,
                        i64::try_from(*number).is_ok() || u64::try_from(*number).is_ok(),
                    );
                }
                Datum::Float(number) => push_f64(self.out, *number),
                Datum::Bool(yes) => push_integer(self.out, *yes),
            }
        });
        self.out.push('}');
    }
}

/// Which parts there are, so that no field takes their keys.
fn parts_of(ids: &Ids) -> u8 {
    let slot = ids.slot();
    let mut parts = 0;
    for (part, is_there) in [
        (Part::RequestId, slot.is_some_and(|slot| slot.request_id().is_some())),
        (Part::Tenant, slot.is_some_and(|slot| slot.tenant().is_some())),
        (Part::User, slot.is_some_and(|slot| slot.user().is_some())),
        (Part::Trace, ids.trace.is_some()),
        (Part::Span, ids.trace.is_some()),
    ] {
        parts |= if is_there { part as u8 } else { 0 };
    }
    parts
}

/// Whether a part of the line says this.
fn is_own(ids: &Ids, part: Part, text: &str) -> bool {
    let slot = ids.slot();
    match part {
        Part::RequestId => slot.and_then(Slot::request_id).is_some_and(|id| id.as_str() == text),
        Part::Tenant => slot.and_then(Slot::tenant).is_some_and(|tenant| tenant.as_str() == text),
        Part::User => slot.and_then(Slot::user).is_some_and(|user| user.as_str() == text),
        Part::Trace => ids.trace.is_some_and(|trace| trace.trace_id.to_hex() == text.as_bytes()),
        Part::Span => ids.trace.is_some_and(|trace| trace.span_id.to_hex() == text.as_bytes()),
    }
}

/// Writes these parts.
fn push_ids(out: &mut String, form: &Form, ids: &Ids, parts: u8) {
    let names = form.keys.names();
    let has = |part: Part| parts & part as u8 != 0;
    let mut member = |key: &str, value: &str| {
        // Ids consist of letters, digits and marks that need no escape.
        out.extend([",\"", key, "\":\"", value, "\""]);
    };
    if let Some(slot) = ids.slot() {
        if let Some(id) = slot.request_id().filter(|_| has(Part::RequestId)) {
            member(names.request_id, id.as_str());
        }
        if let Some(tenant) = slot.tenant().filter(|_| has(Part::Tenant)) {
            member(names.tenant, tenant.as_str());
        }
        if let Some(user) = slot.user().filter(|_| has(Part::User)) {
            member(names.user_id, user.as_str());
        }
    }
    if let Some(trace) = ids.trace.filter(|_| has(Part::Trace)) {
        out.extend([",\"", names.trace_id, "\":"]);
        push_trace(out, form, trace.trace_id);
        out.extend([",\"", names.span_id, "\":"]);
        push_span(out, form, trace.span_id);
        if let Some(sampled) = names.sampled {
            out.extend([",\"", sampled, "\":", if trace.sampled { "true" } else { "false" }]);
        }
    }
}

fn push_trace(out: &mut String, form: &Form, trace: TraceId) {
    match form.keys.names().ids {
        IdForm::Hexadecimal => {
            let digits = trace.to_hex();
            let digits = str::from_utf8(&digits).unwrap_or_default();
            out.push('"');
            push_escaped(out, &form.trace_prefix);
            out.extend([digits, "\""]);
        }
        IdForm::Decimal => {
            let [.., a, b, c, d, e, f, g, h] = trace.to_bytes();
            push_wide(out, u64::from_be_bytes([a, b, c, d, e, f, g, h]), false);
        }
    }
}

fn push_span(out: &mut String, form: &Form, span: SpanId) {
    match form.keys.names().ids {
        IdForm::Hexadecimal => {
            let digits = span.to_hex();
            out.extend(["\"", str::from_utf8(&digits).unwrap_or_default(), "\""]);
        }
        IdForm::Decimal => push_wide(out, u64::from_be_bytes(span.to_bytes()), false),
    }
}
