//! Without the feature `axum`, there is no admin listener.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::Endpoints;
use crate::registers::Registers;
use crate::watch::Preset;
use crate::watch::alerts::Alerting;
use crate::watch::error::Problems;
use crate::watch::past::Past;

/// There is nothing to say.
#[derive(Debug, Default)]
pub(crate) struct AdminSettings {}

/// There is nothing to hold.
#[derive(Debug)]
pub(crate) struct AdminHandle;

impl AdminSettings {
    pub(crate) fn check(&self, _: &Endpoints, _: &mut Problems) {}

    pub(crate) fn paths(&self) -> Vec<String> {
        Vec::new()
    }

    pub(crate) fn start(
        self,
        _: (Preset, bool),
        _: &str,
        _: &Registers,
        _: (&Past, &Alerting),
        _: &mut Problems,
    ) -> AdminHandle {
        AdminHandle
    }
}

impl AdminHandle {
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        None
    }

    pub(crate) fn running(&self) -> Arc<()> {
        Arc::default()
    }

    pub(crate) fn outlive(&self) {}

    pub(crate) async fn finish(&self) {}
}
