//! Without the feature `logs`: nothing is handed over.

use std::sync::Arc;

use tower_watch_layers::trace::KeepTraces;

use crate::Watch;

/// No telemetry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attached {}

impl Attached {
    pub(crate) fn keep(&self) -> Option<Arc<dyn KeepTraces>> {
        None
    }

    pub(crate) fn attach(&self, _: &Watch) {}

    pub(crate) async fn finish(&self) {}
}
