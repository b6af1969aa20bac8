//! Without the feature `otlp`.

use std::sync::Arc;

use tower_watch_layers::redact::Redaction;

use crate::telemetry::error::Problems;
use crate::telemetry::logs::level::LevelControl;
use crate::telemetry::{Identity, Outlet, OutletLayer};

/// There is nothing to say.
#[derive(Debug, Default)]
pub(crate) struct OtlpSettings;

impl OtlpSettings {
    pub(crate) fn start(
        self,
        identity: &Identity,
        redaction: &Redaction,
        layers: &mut Vec<OutletLayer>,
        outlets: &mut Vec<Arc<dyn Outlet>>,
        problems: &mut Problems,
    ) -> Vec<LevelControl> {
        let _ = (identity, redaction, layers, outlets, problems);
        Vec::new()
    }
}
