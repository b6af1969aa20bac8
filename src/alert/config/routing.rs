//! A whole configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::alert::config::{
    Global, InhibitRule, Integration, Problem, ReceiverConfig, Route, RouteBuilder, RoutingBuilder,
    RoutingError, RoutingOptions, TimeInterval,
};
use crate::alert::receivers::Log;

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
    /// Files of templates, as paths and patterns.
    pub templates: Vec<PathBuf>,
    /// What is doubtful and no error: routes that no alert can come to, times that are never.
    pub warnings: Vec<Problem>,
    /// The configuration as it was given, for the API to show; secrets are left out of it. Empty for one that was put together
    /// in code, until a watch has it.
    pub original: String,
}

impl Routing {
    /// This tree and these receivers, without inhibition and times.
    pub(crate) fn new(route: Route, receivers: Vec<ReceiverConfig>) -> Self {
        Self {
            global: Global::default(),
            route,
            receivers,
            inhibit_rules: Vec::new(),
            time_intervals: Vec::new(),
            templates: Vec::new(),
            warnings: Vec::new(),
            original: String::new(),
        }
    }

    /// Everything to the log, for a service that has nobody to tell yet.
    #[must_use]
    pub fn log() -> Self {
        let integrations = vec![Integration::Built(Arc::new(Log::new()))];
        Self::new(Route::new("log"), vec![ReceiverConfig { name: "log".to_owned(), integrations }])
    }

    /// Puts a configuration together in code.
    pub fn builder(root: RouteBuilder) -> RoutingBuilder {
        RoutingBuilder::new(root)
    }

    /// Reads an Alertmanager configuration. Files that it names are relative to its directory.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, each with file, line, column, key and the mend.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, RoutingError> {
        Self::options().from_file(path)
    }

    /// Reads an Alertmanager configuration from a text. Files that it names are relative to the working directory.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, each with line, column, key and the mend.
    pub fn from_yaml(text: &str) -> Result<Self, RoutingError> {
        Self::options().from_yaml(text)
    }

    /// Reads with choices.
    pub fn options() -> RoutingOptions {
        RoutingOptions::default()
    }

    /// What is doubtful and no error: routes that no alert can come to, times that are never.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The interval of this name.
    #[must_use]
    pub fn time_interval(&self, name: &str) -> Option<&TimeInterval> {
        self.time_intervals.iter().find(|interval| interval.name == name)
    }
}
