//! What is decided at the end.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::observe::End;
use crate::recording::{FieldValue, Recording};
use crate::trace::observer::Story;
use crate::w3c::TraceContext;

/// Takes the traces that were not sampled at their start and turned out to be worth keeping. Called at the end of the
/// exchange, so it must not block.
pub trait KeepTraces: Send + Sync + fmt::Debug {
    /// Whether anybody wants them now; where not, nothing is recorded.
    fn wants(&self) -> bool;

    /// Keeps this one.
    fn keep(&self, trace: KeptTrace<'_>);
}

/// An exchange that ended in an error, in a panic or above its slow threshold, and was not sampled.
#[derive(Debug)]
#[non_exhaustive]
pub struct KeptTrace<'a> {
    /// The exchange's own span.
    pub context: TraceContext,
    /// How it ended, and through [`End::slot`] what it was.
    pub end: &'a End<'a>,
    /// When it began, by the wall clock: milliseconds since the Unix epoch.
    pub started_unix_millis: u64,
    /// How long it took.
    pub duration: Duration,
    /// The spans below.
    pub recording: Option<Arc<Recording>>,
    pub(crate) story: Story<'a>,
}

impl KeptTrace<'_> {
    /// The name of the exchange's own span, as in `GET /users/{id}`. Its kind is server.
    #[must_use]
    pub fn name(&self) -> String {
        self.story.name(self.end)
    }

    /// The attributes of the exchange's own span, as it would have them had it been sampled, but for the fields that the
    /// application added. Put together when it is asked for.
    #[must_use]
    pub fn attributes(&self) -> Vec<(&'static str, FieldValue)> {
        self.story.attributes(self.end)
    }

    /// Whether the span's status is an error; otherwise it is unset.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.end.error().is_some()
    }
}
