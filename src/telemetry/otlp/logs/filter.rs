//! Which events are exported.

use tracing::subscriber::Interest;
use tracing::{Event, Metadata};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Filter};

use crate::telemetry::logs::level::LevelFilter;

/// Lets through the events that `RUST_LOG` does, and no span: the layer behind it asks the thread where it is, so a span is
/// not made for its sake.
#[derive(Debug)]
pub(crate) struct EventFilter(LevelFilter);

impl EventFilter {
    /// As the filter says whose lines are written.
    pub(crate) fn new(filter: LevelFilter) -> Self {
        Self(filter)
    }
}

impl Filter<Registry> for EventFilter {
    fn enabled(&self, metadata: &Metadata<'_>, subscriber: &Context<'_, Registry>) -> bool {
        metadata.is_event() && Filter::enabled(&self.0, metadata, subscriber)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.is_event() {
            Filter::<Registry>::callsite_enabled(&self.0, metadata)
        } else {
            Interest::never()
        }
    }

    fn event_enabled(&self, event: &Event<'_>, subscriber: &Context<'_, Registry>) -> bool {
        Filter::event_enabled(&self.0, event, subscriber)
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Filter::<Registry>::max_level_hint(&self.0)
    }
}
