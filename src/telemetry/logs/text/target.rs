//! The target of an event, of records of the `log` crate too.

use std::fmt::Debug;

use tracing::Event;
use tracing::field::{Field, Visit};

use crate::telemetry::logs::text::visible::push_visible;

/// Appends the target. The bridge from the `log` crate has one of its own for all records, and carries theirs as a field.
pub(crate) fn push_target(out: &mut String, event: &Event<'_>) {
    let (metadata, start) = (event.metadata(), out.len());
    if metadata.target() == "log" {
        event.record(&mut LogTarget(out));
    }
    if out.len() == start {
        out.push_str(metadata.target());
    }
}

struct LogTarget<'a>(&'a mut String);

impl Visit for LogTarget<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            push_visible(self.0, value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
