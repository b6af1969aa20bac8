//! What a reader of a recording gets.

use std::borrow::Cow;
use std::time::Duration;

use tracing::Level;

use crate::clock::Instant;
use crate::w3c::SpanId;

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the types of tracing's fields")]
pub enum FieldValue {
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Text(Cow<'static, str>),
}

/// A span as it was recorded.
#[derive(Clone, Debug)]
pub struct RecordedSpan {
    /// The name in the code.
    pub name: &'static str,
    /// The module or other target.
    pub target: &'static str,
    /// The level.
    pub level: Level,
    /// Its id in the trace.
    pub span_id: SpanId,
    /// Its parent's id: another span of the recording, or the span of the exchange.
    pub parent: SpanId,
    /// When it was made, on the exchange's clock.
    pub start: Instant,
    /// When it and all spans below it were closed; `None` while it is open, and where it outlived the exchange.
    pub end: Option<Instant>,
    /// The time in which it was entered. A span that is entered on two threads at once counts on both.
    pub busy: Duration,
    /// Its fields, in the order in which they were recorded; a name stands there once, with its last value.
    pub fields: Vec<(&'static str, FieldValue)>,
    /// What was logged in it, and in spans below it that found no place.
    pub events: Vec<RecordedEvent>,
    /// Whether an event of level ERROR was among them.
    pub has_error: bool,
}

/// An event as it was recorded.
#[derive(Clone, Debug)]
pub struct RecordedEvent {
    /// Its message, or the name in the code where it has none.
    pub message: Cow<'static, str>,
    /// The module or other target.
    pub target: &'static str,
    /// The level.
    pub level: Level,
    /// When, on the exchange's clock.
    pub at: Instant,
    /// Its fields.
    pub fields: Vec<(&'static str, FieldValue)>,
}

/// Spans of one name that found no place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DroppedSpans {
    /// The closest span above them that was recorded, or the span of the exchange.
    pub parent: SpanId,
    /// The name in the code.
    pub name: &'static str,
    /// How many.
    pub count: usize,
}
