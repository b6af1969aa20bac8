//! The spans of one exchange.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::Level;

use crate::clock::Instant;
use crate::w3c::SpanId;

/// How much of one exchange is recorded. Beyond it spans and events are counted, and not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Spans.
    pub spans: usize,
    /// Events, of all spans together.
    pub events: usize,
    /// Bytes of names, fields and events, of all spans together.
    pub bytes: usize,
    /// Bytes of one value; a longer one is cut.
    pub value_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { spans: 512, events: 1_024, bytes: 256 * 1024, value_bytes: 4_096 }
    }
}

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
    /// When it was made.
    pub start: Instant,
    /// When it was closed; `None` while it is open.
    pub end: Option<Instant>,
    /// The time in which it was entered on some thread.
    pub busy: Duration,
    /// Its fields, in the order in which they were recorded.
    pub fields: Vec<(&'static str, FieldValue)>,
    /// What was logged in it.
    pub events: Vec<RecordedEvent>,
    /// Whether an event of level ERROR was among them.
    pub has_error: bool,
}

/// An event as it was recorded.
#[derive(Clone, Debug)]
pub struct RecordedEvent {
    /// The name in the code, or its message.
    pub message: Cow<'static, str>,
    /// The module or other target.
    pub target: &'static str,
    /// The level.
    pub level: Level,
    /// When.
    pub at: Instant,
    /// Its fields.
    pub fields: Vec<(&'static str, FieldValue)>,
}

/// The spans of one exchange, while they are recorded and after.
#[derive(Debug)]
pub struct Recording {
    arena: Mutex<Arena>,
}

/// What is behind the lock.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    pub(crate) spans: Vec<RecordedSpan>,
    pub(crate) events: usize,
    pub(crate) bytes: usize,
    pub(crate) dropped_spans: usize,
    pub(crate) dropped_events: usize,
    /// What comes after the end of the exchange is not recorded.
    pub(crate) is_over: bool,
}

impl Recording {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Arena> {
        self.arena.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The spans so far, in the order in which they were made.
    pub fn spans(&self) -> Vec<RecordedSpan> {
        self.lock().spans.clone()
    }

    /// How many spans found no place.
    pub fn dropped_spans(&self) -> usize {
        self.lock().dropped_spans
    }
}
