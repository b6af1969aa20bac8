//! The layer that writes JSON lines.

use std::fmt;
use std::io::Write;

use tower_watch_layers::clock::Clock;
use tower_watch_layers::redact::Redaction;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::telemetry::Identity;
use crate::telemetry::logs::Keys;
use crate::telemetry::logs::buffers::{Buffers, with_buffers};
use crate::telemetry::logs::ids::Ids;
use crate::telemetry::logs::json::callsite::CallsitePlan;
use crate::telemetry::logs::json::form::{Form, LIMIT};
use crate::telemetry::logs::json::line::Line;

/// Writes each event as one JSON object to a line, with the ids of the request that it was logged in.
///
/// The fields are those of the event, and not of the spans around it; the ids are those of [`SpanLayer`], which must be in the
/// same subscriber for lines of spawned tasks that carry only a span. The values of secret keys are replaced, in fields and
/// inside of texts. A value is cut at 8 KiB, and all values of a line at 64 KiB together. Whatever a value does while it is
/// formatted (it panics, it logs), the line is valid JSON.
///
/// One line is one call of `write_all`. A line without secrets costs no allocation beside what the writer costs;
/// `cargo bench --bench logging` measures it beside the JSON of `tracing_subscriber::fmt`.
///
/// [`SpanLayer`]: tower_watch_layers::spans::SpanLayer
pub struct JsonLayer<W> {
    form: Form,
    identity: Option<Identity>,
    writer: W,
}

impl<W> fmt::Debug for JsonLayer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLayer").field("form", &self.form).finish_non_exhaustive()
    }
}

impl<W> JsonLayer<W>
where
    W: for<'w> MakeWriter<'w> + 'static,
{
    /// Writes to `writer`: a [`LogWriter`](crate::telemetry::logs::LogWriter), or anything that `tracing_subscriber::fmt` takes.
    #[must_use]
    pub fn new(writer: W) -> Self {
        let form = Form::new(Keys::plain(), None, Redaction::default(), LIMIT, Clock::default());
        Self { form, identity: None, writer }
    }

    /// Calls the parts of a line as these say.
    #[must_use]
    pub fn with_keys(self, keys: Keys) -> Self {
        self.form(|form| form.keys = keys)
    }

    /// Writes the service, and its environment, into each line.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self.form(|_| {})
    }

    /// Says which values are secret.
    #[must_use]
    pub fn with_redaction(self, redaction: Redaction) -> Self {
        self.form(|form| form.redaction = redaction)
    }

    /// Cuts values at so many bytes; 64 at least.
    #[must_use]
    pub fn with_value_limit(self, bytes: usize) -> Self {
        self.form(|form| form.limit = bytes.max(64))
    }

    /// Replaces the clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        self.form(|form| form.clock = clock)
    }

    fn form(mut self, change: impl FnOnce(&mut Form)) -> Self {
        change(&mut self.form);
        let Form { keys, redaction, limit, clock, .. } = self.form;
        Self { form: Form::new(keys, self.identity.as_ref(), redaction, limit, clock), ..self }
    }
}

impl<S, W> Layer<S> for JsonLayer<W>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_event(&self, event: &Event<'_>, subscriber: Context<'_, S>) {
        with_buffers(|Buffers { line: out, part, value }| {
            let plan = CallsitePlan::of(event.metadata(), &self.form);
            let ids = if plan.own_parts == u8::MAX { Ids::default() } else { Ids::of(event, &subscriber) };
            let mut line = Line::start([&mut *out, part, value], &self.form, &plan, &ids);
            event.record(&mut line);
            line.finish();
            // A writer that fails has its own way of saying so; who logs cannot mend it.
            let _ = self.writer.make_writer_for(event.metadata()).write_all(out.as_bytes());
        });
    }
}
