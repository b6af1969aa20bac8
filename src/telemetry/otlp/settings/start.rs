//! From the plan to what runs.

use std::sync::Arc;

use tower_watch_layers::redact::Redaction;

use crate::config;
use crate::telemetry::error::Problems;
use crate::telemetry::otlp::{OtlpConfig, OtlpPlan};
use crate::telemetry::{Identity, Outlet, OutletLayer};

/// Settings of OTLP.
#[derive(Debug, Default)]
pub(crate) struct OtlpSettings {
    destinations: Vec<OtlpConfig>,
}

impl OtlpSettings {
    pub(super) fn add(&mut self, destination: OtlpConfig) {
        self.destinations.push(destination);
    }

    pub(crate) fn start(
        self,
        identity: &Identity,
        redaction: &Redaction,
        layers: &mut Vec<OutletLayer>,
        outlets: &mut Vec<Arc<dyn Outlet>>,
        problems: &mut Problems,
    ) {
        let plan = OtlpPlan::read(&self.destinations, &config::of_process, problems);
        let _ = (plan, identity, redaction, layers, outlets);
    }
}
