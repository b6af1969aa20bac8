//! Without the feature `series`, nothing is kept of the past.

use tower_watch_layers::clock::Clock;

use crate::registers::Registers;
use crate::watch::Preset;
use crate::watch::error::Problems;

/// There is nothing to say.
#[derive(Debug, Default)]
pub(crate) struct PastSettings {}

/// There is nothing to hold.
#[derive(Debug)]
pub(crate) struct Past;

impl PastSettings {
    pub(crate) fn check(&self, _: Preset, _: &mut Problems) {}

    pub(crate) fn open(self, _: Preset, _: &str, _: &Registers, _: &Clock) -> Past {
        Past
    }
}

impl Past {
    pub(crate) fn start(&self, _: &Registers, _: &Clock) {}

    pub(crate) async fn finish(&self, _: &Registers) {}
}

#[cfg(feature = "axum")]
impl Past {
    pub(crate) fn add_routes(
        &self,
        routes: crate::http::AdminRoutes,
        _: &Registers,
    ) -> crate::http::AdminRoutes {
        routes
    }
}
