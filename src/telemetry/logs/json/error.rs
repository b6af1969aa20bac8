//! An error with the chain of its causes.

use std::error::Error;
use std::fmt::{self, Write};

use tower_watch_layers::redact::Redaction;

use crate::telemetry::logs::json::escape::{push_escaped, push_string};
use crate::telemetry::logs::keys::ExceptionNames;
use crate::telemetry::logs::value::{CUT, causes, push_bounded};

/// How an error is written.
pub(crate) struct ErrorForm<'a> {
    pub(crate) redaction: &'a Redaction,
    pub(crate) limit: usize,
    /// Bytes that values of the line may still have.
    pub(crate) budget: &'a mut usize,
    /// For a text before it is escaped.
    pub(crate) scratch: &'a mut String,
}

impl ErrorForm<'_> {
    /// Appends the part of the line that errors have.
    pub(crate) fn push_part(
        &mut self,
        out: &mut String,
        names: ExceptionNames,
        error: &(dyn Error + 'static),
    ) {
        match names {
            ExceptionNames::Object(name) => {
                out.extend([",\"", name, "\":"]);
                self.push_object(out, error);
            }
            ExceptionNames::Flat { kind, message, stack } => {
                self.push_kind(out, error, |out| out.extend([",\"", kind, "\":"]));
                out.extend([",\"", message, "\":"]);
                self.push_text(out, error);
                out.extend([",\"", stack, "\":\""]);
                self.push_escaped_text(out, error);
                for cause in causes(error) {
                    out.push_str("\\ncaused by: ");
                    self.push_escaped_text(out, cause);
                }
                out.push('"');
            }
        }
    }

    /// Appends `{"type":...,"message":...,"causes":[...]}`.
    pub(crate) fn push_object(&mut self, out: &mut String, error: &(dyn Error + 'static)) {
        out.push('{');
        self.push_kind(out, error, |out| out.push_str("\"type\":"));
        if !out.ends_with('{') {
            out.push(',');
        }
        out.push_str("\"message\":");
        self.push_text(out, error);
        out.push_str(",\"causes\":[");
        for (index, cause) in causes(error).enumerate() {
            if index > 0 {
                out.push(',');
            }
            self.push_text(out, cause);
        }
        out.push_str("]}");
    }

    /// The type, as far as its `Debug` says: a name alone, or before its fields. What else a `Debug` says stays out.
    fn push_kind(&mut self, out: &mut String, error: &(dyn Error + 'static), key: impl FnOnce(&mut String)) {
        const LONGEST_NAME: usize = 80;
        self.scratch.clear();
        push_bounded(self.scratch, LONGEST_NAME, |text| write!(text, "{error:?}"));
        let length =
            self.scratch.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let (name, rest) = self.scratch.split_at(length);
        let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
            && (rest.is_empty() || rest.starts_with('(') || rest.starts_with(" {"));
        if is_name {
            key(out);
            push_string(out, name);
        }
    }

    fn push_text(&mut self, out: &mut String, error: &dyn fmt::Display) {
        out.push('"');
        self.push_escaped_text(out, error);
        out.push('"');
    }

    fn push_escaped_text(&mut self, out: &mut String, error: &dyn fmt::Display) {
        self.scratch.clear();
        let is_cut = push_bounded(self.scratch, self.limit.min(*self.budget), |text| write!(text, "{error}"));
        *self.budget = self.budget.saturating_sub(self.scratch.len());
        push_escaped(out, &self.redaction.text(self.scratch));
        out.push_str(if is_cut { CUT } else { "" });
    }
}
