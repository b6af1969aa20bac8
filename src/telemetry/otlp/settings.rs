//! What there is to say about OTLP.

use std::sync::Arc;

use tower_watch_layers::redact::Redaction;

use crate::telemetry::error::Problems;
use crate::telemetry::otlp::OwnProvider;
use crate::telemetry::{Identity, Outlet, OutletLayer};

/// Settings of OTLP.
#[derive(Debug, Default)]
pub(crate) struct OtlpSettings {
    pub(crate) own_provider: Option<OwnProvider>,
}

impl OtlpSettings {
    pub(crate) fn start(
        self,
        identity: &Identity,
        redaction: &Redaction,
        layers: &mut Vec<OutletLayer>,
        outlets: &mut Vec<Arc<dyn Outlet>>,
        problems: &mut Problems,
    ) {
        let _ = (identity, redaction, layers, outlets, problems);
    }
}
