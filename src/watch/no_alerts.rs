//! Without the feature `alerts`, there is no engine.

use tower_watch_layers::clock::Clock;
use tower_watch_layers::route::Routes;

use crate::registers::Registers;
use crate::watch::Preset;
use crate::watch::error::Problems;
use crate::watch::past::{Past, PastSettings};

/// There is nothing to say.
#[derive(Debug, Default)]
pub(crate) struct AlertingSettings {}

/// There is nothing to plan.
#[derive(Debug)]
pub(crate) struct Planned;

/// There is nothing to hold.
#[derive(Debug)]
pub(crate) struct Alerting;

impl AlertingSettings {
    pub(crate) fn plan(self, _: Preset, _: &PastSettings, _: &Routes, _: &mut Problems) -> Planned {
        Planned
    }
}

impl Planned {
    pub(crate) fn open(self, _: &str, _: &Registers, _: &Past, _: &Clock) -> Alerting {
        Alerting
    }
}

impl Alerting {
    pub(crate) fn start(&self, _: &Registers) {}

    pub(crate) async fn finish(&self) {}
}

#[cfg(feature = "axum")]
impl Alerting {
    pub(crate) fn add_routes(&self, routes: crate::http::AdminRoutes) -> crate::http::AdminRoutes {
        routes
    }
}
