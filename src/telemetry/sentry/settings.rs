//! What there is to say about Sentry.

use std::sync::Arc;

use tower_watch_layers::redact::Redaction;

use crate::telemetry::error::Problems;
use crate::telemetry::{Identity, Outlet, OutletLayer};

/// Settings of Sentry.
#[derive(Debug, Default)]
pub(crate) struct SentrySettings;

impl SentrySettings {
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
