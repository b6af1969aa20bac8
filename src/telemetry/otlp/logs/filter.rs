//! Which events are exported.

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Context, Filter};

/// Lets through the events that `RUST_LOG` does, and no span: the layer behind it asks the thread where it is, so a span is
/// not made for its sake.
#[derive(Debug)]
pub(crate) struct EventFilter(EnvFilter);

impl EventFilter {
    /// As these directives say; INFO and above where there are none. Those that are wrong are named by who writes the lines.
    pub(crate) fn new(directives: Option<&str>) -> Self {
        let filter = directives.filter(|directives| !directives.trim().is_empty());
        Self(
            filter
                .and_then(|directives| EnvFilter::try_new(directives).ok())
                .unwrap_or_else(|| EnvFilter::new("info")),
        )
    }
}

impl<S: Subscriber> Filter<S> for EventFilter {
    fn enabled(&self, metadata: &Metadata<'_>, subscriber: &Context<'_, S>) -> bool {
        metadata.is_event() && Filter::enabled(&self.0, metadata, subscriber)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.is_event() { Filter::<S>::callsite_enabled(&self.0, metadata) } else { Interest::never() }
    }

    fn event_enabled(&self, event: &Event<'_>, subscriber: &Context<'_, S>) -> bool {
        Filter::event_enabled(&self.0, event, subscriber)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Filter::<S>::max_level_hint(&self.0)
    }
}
