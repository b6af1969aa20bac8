//! The layer that writes text.

use std::fmt;
use std::io::Write;

use tower_watch_layers::clock::Clock;
use tower_watch_layers::redact::Redaction;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::telemetry::logs::buffers::{Buffers, with_buffers};
use crate::telemetry::logs::ids::Ids;
use crate::telemetry::logs::text::line::{TextForm, TextLine, is_access};
use crate::telemetry::logs::timestamp::Utc;

/// Writes each event as a line for people: time of day (UTC), level, target, message, fields, and the ends of the ids.
///
/// A value is cut at 2 KiB, control characters in it are written out, and secrets are replaced, so that nothing that a client
/// sent can paint over what stands above.
pub struct TextLayer<W> {
    form: TextForm,
    clock: Clock,
    writer: W,
}

impl<W> fmt::Debug for TextLayer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextLayer").field("form", &self.form).finish_non_exhaustive()
    }
}

/// A value is cut where it is longer than this, in bytes.
const LIMIT: usize = 2 * 1024;

impl<W> TextLayer<W>
where
    W: for<'w> MakeWriter<'w> + 'static,
{
    /// Writes to `writer`: a [`LogWriter`](crate::telemetry::logs::LogWriter), or anything that `tracing_subscriber::fmt` takes.
    #[must_use]
    pub fn new(writer: W) -> Self {
        let form = TextForm { redaction: Redaction::default(), limit: LIMIT, colour: false };
        Self { form, clock: Clock::default(), writer }
    }

    /// Paints levels, or not. Not by default.
    #[must_use]
    pub fn with_colour(mut self, colour: bool) -> Self {
        self.form.colour = colour;
        self
    }

    /// Says which values are secret.
    #[must_use]
    pub fn with_redaction(mut self, redaction: Redaction) -> Self {
        self.form.redaction = redaction;
        self
    }

    /// Cuts values at so many bytes; 64 at least.
    #[must_use]
    pub fn with_value_limit(mut self, bytes: usize) -> Self {
        self.form.limit = bytes.max(64);
        self
    }

    /// Replaces the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}

impl<S, W> Layer<S> for TextLayer<W>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_event(&self, event: &Event<'_>, subscriber: Context<'_, S>) {
        with_buffers(|Buffers { line: out, part, value }| {
            let is_access = is_access(event.metadata());
            let ids = if is_access { Ids::default() } else { Ids::of(event, &subscriber) };
            let mut line = TextLine { out, fields: part, scratch: value, form: &self.form, is_access };
            line.start(Utc::of(self.clock.wall()), event);
            event.record(&mut line);
            line.finish(&ids);
            // A writer that fails has its own way of saying so; who logs cannot mend it.
            let _ = self.writer.make_writer_for(event.metadata()).write_all(out.as_bytes());
        });
    }
}
