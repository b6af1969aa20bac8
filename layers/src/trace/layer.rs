//! The observer as a layer.

use tower_layer::Layer;

use crate::observe::{Observe, ObserveLayer, Settings};
use crate::trace::{TraceConfig, TraceObserver};

/// Makes a span for each exchange. Alone it is a layer; in a preset it is one of the observers.
///
/// Cost per request that is not sampled: ids and one header lookup, two more where a caller's trace is continued; no allocation.
#[derive(Clone, Debug)]
pub struct TraceLayer {
    observe: ObserveLayer<TraceObserver>,
}

/// The service of [`TraceLayer`].
pub type Trace<S> = Observe<S, TraceObserver>;

impl Default for TraceLayer {
    fn default() -> Self {
        Self::new(TraceConfig::default())
    }
}

impl TraceLayer {
    /// A layer that traces only.
    #[must_use]
    pub fn new(config: TraceConfig) -> Self {
        Self { observe: ObserveLayer::new(TraceObserver::new(config)) }
    }

    /// The same with settings of one's own.
    #[must_use]
    pub fn with_settings(config: TraceConfig, settings: Settings) -> Self {
        Self { observe: ObserveLayer::with_settings(TraceObserver::new(config), settings) }
    }
}

impl<S> Layer<S> for TraceLayer {
    type Service = Trace<S>;

    fn layer(&self, inner: S) -> Trace<S> {
        self.observe.layer(inner)
    }
}
