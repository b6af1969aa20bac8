//! A whole configuration.

use crate::alert::config::{Global, InhibitRule, ReceiverConfig, Route, TimeInterval};

/// Who is told of what: an Alertmanager configuration, checked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Routing {
    /// What holds for all receivers that do not say otherwise.
    pub global: Global,
    /// The root of the tree.
    pub route: Route,
    /// By name, each once.
    pub receivers: Vec<ReceiverConfig>,
    /// Which alerts keep others quiet.
    pub inhibit_rules: Vec<InhibitRule>,
    /// Times that routes name.
    pub time_intervals: Vec<TimeInterval>,
    /// The configuration as it was given, for the API to show; secrets are left out of it.
    pub original: String,
}
