//! No access lines where nobody writes them.

use tower_watch_layers::access;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// Says of the access line, once and for all, that nobody takes it: the marks of spans are content with every event, so that
/// without this each exchange would put a line together for nobody. For a subscriber in which no other layer writes lines.
#[derive(Debug)]
pub(crate) struct NoAccessLines;

impl<S: Subscriber> Layer<S> for NoAccessLines {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_access(metadata) { Interest::never() } else { Interest::always() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        !is_access(metadata)
    }
}

fn is_access(metadata: &Metadata<'_>) -> bool {
    metadata.target() == access::TARGET
}
