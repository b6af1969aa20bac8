//! The telemetry that a watch hands over to, and flushes.

use std::sync::Arc;
use std::time::Duration;

use tower_watch_layers::trace::KeepTraces;

use crate::Watch;
use crate::telemetry::Telemetry;
use crate::watch::WatchBuilder;

/// How long a shutdown waits for what is still to be sent.
const LAST_FLUSH: Duration = Duration::from_secs(5);

/// The telemetry of a watch, where there is one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attached(Option<Telemetry>);

impl Attached {
    pub(crate) fn keep(&self) -> Option<Arc<dyn KeepTraces>> {
        self.0.as_ref().and_then(Telemetry::keep)
    }

    pub(crate) fn attach(&self, watch: &Watch) {
        if let Some(telemetry) = &self.0 {
            telemetry.attach(watch);
        }
    }

    pub(crate) async fn finish(&self) {
        if let Some(telemetry) = &self.0 {
            telemetry.shutdown(LAST_FLUSH).await;
        }
    }
}

impl WatchBuilder {
    /// Hands over to this telemetry: traces that turn out to be worth keeping, the numbers of the store where metrics are
    /// exported; and [`Watch::shutdown`](crate::Watch::shutdown) sends what is waiting there.
    pub fn telemetry(mut self, telemetry: Telemetry) -> Self {
        self.telemetry = Attached(Some(telemetry));
        self
    }
}
