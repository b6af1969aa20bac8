//! A subscriber that keeps what is logged.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// While there is a second subscriber, `tracing` asks all of them whether they want a callsite, and not only that of the thread
/// that meets it first, which in other tests has none.
static SECOND: OnceLock<Dispatch> = OnceLock::new();

#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    /// Keeps what this thread logs while the guard lives.
    pub(crate) fn start() -> (Self, DefaultGuard) {
        SECOND.get_or_init(|| Dispatch::new(NoSubscriber::new()));
        let lines = Self::default();
        (lines.clone(), tracing::subscriber::set_default(lines))
    }

    /// The lines of problems and panics.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }

    fn record_error(&mut self, field: &Field, error: &(dyn std::error::Error + 'static)) {
        write!(self.0, " {field}!={error}").unwrap();
        let mut next = error.source();
        while let Some(cause) = next {
            write!(self.0, "<-{cause}").unwrap();
            next = cause.source();
        }
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with("tower_watch::")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
