//! Traces that turned out at their end to be worth keeping: exchanges that were not sampled and ended in an error, in a panic
//! or slowly.
//!
//! tracing-opentelemetry never saw them, so their spans are put together from what was recorded. That happens at the end of the
//! exchange, on its thread: some allocations for each span, for those few exchanges only.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use tower_watch_layers::clock::{Clock, Instant};
use tower_watch_layers::recording::{RecordedEvent, RecordedSpan};
use tower_watch_layers::trace::{KeepTraces, KeptTrace};
use tower_watch_layers::w3c;

use crate::telemetry::otlp::exporting::Exporting;
use crate::telemetry::otlp::traces::begin::linked;
use crate::telemetry::otlp::traces::filter::{trace_id, trace_state};
use crate::telemetry::otlp::traces::said::{Said, attributes};
use crate::telemetry::otlp::traces::spans::Spans;

/// Puts kept traces into the queue of all others.
#[derive(Debug)]
pub(super) struct Keep {
    pub(super) exporting: Exporting<Spans>,
    pub(super) scope: InstrumentationScope,
}

impl KeepTraces for Keep {
    fn wants(&self) -> bool {
        !self.exporting.is_over()
    }

    fn keep(&self, trace: KeptTrace<'_>) {
        let recorded = trace.recording.as_ref().map(|recording| recording.spans()).unwrap_or_default();
        let kept = Kept { keep: self, wall: Wall::now(trace.end.slot.clock()), trace: &trace };
        self.exporting.push(kept.root(recorded.first()));
        for span in recorded {
            self.exporting.push(kept.child(span));
        }
    }
}

/// Ties moments of the exchange's clock to the time of day, once for the whole trace, so that its spans fit together.
struct Wall {
    at: Instant,
    time: SystemTime,
}

impl Wall {
    fn now(clock: &Clock) -> Self {
        Self { at: clock.now(), time: clock.wall() }
    }

    fn ago(&self, duration: Duration) -> SystemTime {
        self.time.checked_sub(duration).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    fn time(&self, at: Instant) -> SystemTime {
        self.ago(self.at.since(at))
    }
}

struct Kept<'a> {
    keep: &'a Keep,
    wall: Wall,
    trace: &'a KeptTrace<'a>,
}

impl Kept<'_> {
    fn root(&self, first: Option<&RecordedSpan>) -> SpanData {
        let context = &self.trace.context;
        let start = self.wall.ago(self.trace.duration);
        // The clock was read before the time of day was.
        let first = first.map_or(start, |first| self.wall.time(first.start));
        let mut links = SpanLinks::default();
        links.links = self
            .trace
            .end
            .slot
            .link()
            .map(|caller| Link::with_context(linked(*caller)))
            .into_iter()
            .collect();
        SpanData {
            span_kind: SpanKind::Server,
            links,
            name: self.trace.name().into(),
            start_time: start.min(first),
            attributes: attributes(self.trace.attributes()),
            status: status_of(self.trace.is_error()),
            parent_span_is_remote: true,
            ..self.span(context.span_id, context.parent)
        }
    }

    fn child(&self, span: RecordedSpan) -> SpanData {
        let mut events = SpanEvents::default();
        events.events = span.events.into_iter().map(|event| self.event(event)).collect();
        let Said { name, kind, status, attributes } = Said::of(span.fields);
        SpanData {
            name: name.unwrap_or_else(|| span.name.into()),
            span_kind: kind,
            start_time: self.wall.time(span.start),
            end_time: span.end.map_or(self.wall.time, |end| self.wall.time(end)),
            attributes,
            events,
            status: if status == Status::Unset { status_of(span.has_error) } else { status },
            ..self.span(span.span_id, Some(span.parent))
        }
    }

    fn event(&self, event: RecordedEvent) -> Event {
        let mut all =
            vec![KeyValue::new("level", event.level.as_str()), KeyValue::new("target", event.target)];
        all.extend(attributes(event.fields));
        Event::new(event.message, self.wall.time(event.at), all, 0)
    }

    /// A span of the trace that ended now, and of which nothing more is said.
    fn span(&self, id: w3c::SpanId, parent: Option<w3c::SpanId>) -> SpanData {
        let parent = parent.map_or(SpanId::INVALID, |parent| SpanId::from_bytes(parent.to_bytes()));
        SpanData {
            span_context: SpanContext::new(
                trace_id(&self.trace.context),
                SpanId::from_bytes(id.to_bytes()),
                TraceFlags::SAMPLED,
                false,
                trace_state(self.trace.end.slot),
            ),
            parent_span_id: parent,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: "".into(),
            start_time: self.wall.time,
            end_time: self.wall.time,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: self.keep.scope.clone(),
        }
    }
}

fn status_of(is_error: bool) -> Status {
    if is_error { Status::error("") } else { Status::Unset }
}
