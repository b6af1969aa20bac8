//! One way out, as the handle sees it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tower_watch_layers::trace::KeepTraces;
use tracing_subscriber::{Layer, Registry};

/// What becomes true when everything that was there has gone out, or the deadline has passed: whether all of it went.
pub(crate) type Flushed = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Where the layer of an outlet is added to.
pub(crate) type OutletLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// A way out that was started: OTLP, a log file, Sentry. Works on threads of its own, so it needs no runtime of the caller's.
pub(crate) trait Outlet: Send + Sync + fmt::Debug {
    /// Sends what there is, within the deadline.
    fn flush(&self, deadline: Duration) -> Flushed;

    /// The same, and takes nothing more.
    fn shutdown(&self, deadline: Duration) -> Flushed;

    /// Where traces go that are kept at their end.
    fn keep(&self) -> Option<Arc<dyn KeepTraces>> {
        None
    }

    /// A watch uses this telemetry: its numbers can be exported too.
    fn attach(&self, watch: &crate::Watch) {
        let _ = watch;
    }
}
