//! The layer of the subscriber.

use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, SeverityNumber};
use tower_watch_layers::access;
use tower_watch_layers::clock::Clock;
use tower_watch_layers::redact::Redaction;
use tower_watch_layers::spans;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use crate::telemetry::otlp::logs::Record;
use crate::telemetry::otlp::logs::fields::Fields;
use crate::telemetry::otlp::settings::AttributeLimits;
use crate::telemetry::otlp::value::{text, unix_nanos};

/// Takes a log record, without waiting for anything.
type Push = Box<dyn Fn(Record) + Send + Sync>;

/// Hands each event on as a log record.
///
/// Costs the allocations of the record and of its texts, and one reading of the wall clock.
pub(crate) struct LogLayer {
    push: Push,
    is_exporting: fn() -> bool,
    redaction: Redaction,
    limits: AttributeLimits,
    clock: Clock,
}

impl LogLayer {
    /// Gives each event to `push`, but for those of a thread on which `is_exporting` holds.
    pub(crate) fn new(
        redaction: Redaction,
        limits: AttributeLimits,
        is_exporting: fn() -> bool,
        push: impl Fn(Record) + Send + Sync + 'static,
    ) -> Self {
        Self { push: Box::new(push), is_exporting, redaction, limits, clock: Clock::system() }
    }

    fn record(&self, event: &Event<'_>) -> Record {
        // The exchange is over when its access line is written.
        let says_ids = event.metadata().target() == access::TARGET;
        let mut fields = Fields::new(&self.redaction, self.limits, says_ids);
        // The application's code formats its own values, and may panic at it; the rest of the record goes out.
        let _ = catch_unwind(AssertUnwindSafe(|| event.record(&mut fields)));
        if let Some(slot) = spans::current_slot() {
            if let Some(id) = slot.request_id() {
                fields.add_context("request_id", id);
            }
            if let Some(tenant) = slot.tenant() {
                fields.add_context("tenant", tenant);
            }
            if let Some(user) = slot.user() {
                fields.add_context("user_id", user);
            }
        }
        let now = unix_nanos(self.clock.wall());
        let trace = spans::current();
        let trace_id = fields.trace_id.or(trace.map(|trace| trace.trace_id));
        let span_id = fields.span_id.or(trace.map(|trace| trace.span_id));
        let severity = severity(event.metadata().level());
        let record = LogRecord {
            time_unix_nano: now,
            observed_time_unix_nano: now,
            severity_number: severity.into(),
            severity_text: event.metadata().level().to_string(),
            body: fields.message.map(|message| AnyValue { value: Some(text(message)) }),
            attributes: fields.attributes,
            dropped_attributes_count: fields.dropped,
            flags: trace.map_or(0, |trace| u32::from(trace.sampled)),
            trace_id: trace_id.map(|id| id.to_bytes().to_vec()).unwrap_or_default(),
            span_id: span_id.map(|id| id.to_bytes().to_vec()).unwrap_or_default(),
            event_name: String::new(),
        };
        let target = fields.log_target.map_or(Cow::Borrowed(event.metadata().target()), Cow::Owned);
        Record { target, record }
    }
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if !(self.is_exporting)() {
            (self.push)(self.record(event));
        }
    }
}

impl fmt::Debug for LogLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogLayer").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// <https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber>
fn severity(level: &Level) -> SeverityNumber {
    match *level {
        Level::TRACE => SeverityNumber::Trace,
        Level::DEBUG => SeverityNumber::Debug,
        Level::INFO => SeverityNumber::Info,
        Level::WARN => SeverityNumber::Warn,
        Level::ERROR => SeverityNumber::Error,
    }
}
