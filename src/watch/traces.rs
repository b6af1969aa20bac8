//! What there is to say about traces.

use std::sync::Arc;

use tower_watch_layers::trace::{KeepTraces, TraceConfig, TraceObserver};

use crate::watch::{Preset, WatchBuilder};

/// Settings of traces.
#[derive(Debug, Default)]
pub(crate) struct TraceSettings {
    config: Option<TraceConfig>,
    off: bool,
}

impl TraceSettings {
    pub(crate) fn observer(self, preset: Preset, keep: Option<Arc<dyn KeepTraces>>) -> Option<TraceObserver> {
        let _ = preset;
        let config = self.config.unwrap_or_default();
        let config = match keep {
            Some(keep) => config.with_keep(keep),
            None => config,
        };
        (!self.off).then(|| TraceObserver::new(config))
    }
}

impl WatchBuilder {
    /// Traces as this configuration says.
    pub fn traces(mut self, config: TraceConfig) -> Self {
        self.traces.config = Some(config);
        self
    }

    /// Makes no spans and no trace ids.
    pub fn without_traces(mut self) -> Self {
        self.traces.off = true;
        self
    }
}
