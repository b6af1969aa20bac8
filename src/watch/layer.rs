//! The fused layer: one wrap of the service and the body for all that is observed.

use std::sync::Arc;

use http::HeaderMap;
use http::response::Parts;
use tower::Layer;
use tower_watch_layers::access::{AccessExchange, AccessObserver};
use tower_watch_layers::context::{ContextExchange, ContextObserver};
use tower_watch_layers::observe::{End, Exchange, Observe, ObserveLayer, Observer, Settings, Slot, Start};
use tower_watch_layers::red::{RedExchange, RedObserver};
use tower_watch_layers::trace::{TraceExchange, TraceObserver};

/// All that a [`Watch`](crate::Watch) observes, as one layer; made by [`Watch::layer`](crate::Watch::layer).
///
/// It knows the right order inside, wraps the future and the body once, and its name can be written down. Put it
/// around a router with `Router::layer`, where the matched route is known, or around any tower service.
#[derive(Clone, Debug)]
pub struct WatchLayer {
    observe: ObserveLayer<WatchObserver>,
}

/// The service of [`WatchLayer`].
pub type Watched<S> = Observe<S, WatchObserver>;

impl WatchLayer {
    pub(crate) fn new(observer: WatchObserver, settings: Arc<Settings>) -> Self {
        Self { observe: ObserveLayer::with_settings(observer, settings) }
    }
}

impl<S> Layer<S> for WatchLayer {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Watched<S> {
        self.observe.layer(inner)
    }
}

/// The observers of a watch, in their order.
#[derive(Clone, Debug)]
pub struct WatchObserver {
    pub(crate) context: ContextObserver,
    pub(crate) trace: Option<TraceObserver>,
    pub(crate) red: RedObserver,
    pub(crate) access: Option<AccessObserver>,
}

/// One exchange of [`WatchObserver`].
#[derive(Debug)]
pub struct WatchExchange {
    context: Option<ContextExchange>,
    trace: Option<TraceExchange>,
    red: Option<RedExchange>,
    access: Option<AccessExchange>,
}

impl Observer for WatchObserver {
    type Exchange = WatchExchange;

    fn begin(&self, start: &mut Start<'_>) -> Option<WatchExchange> {
        Some(WatchExchange {
            context: self.context.begin(start),
            trace: self.trace.as_ref().and_then(|trace| trace.begin(start)),
            red: self.red.begin(start),
            access: self.access.as_ref().and_then(|access| access.begin(start)),
        })
    }
}

/// What a tuple would do, less what none of these needs: only a span is entered around polls, and nobody looks at frames.
/// A tuple of options has a copy of the poll for each that may be missing.
impl Exchange for WatchExchange {
    #[inline]
    fn scope<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        self.trace.scope(poll)
    }

    fn response(&mut self, head: &mut Parts, slot: &Slot) {
        self.context.response(head, slot);
        self.trace.response(head, slot);
        self.red.response(head, slot);
    }

    fn trailers(&mut self, trailers: &HeaderMap) {
        self.trace.trailers(trailers);
    }

    fn end(self, end: &End<'_>) {
        self.context.end(end);
        self.trace.end(end);
        self.red.end(end);
        self.access.end(end);
    }
}
