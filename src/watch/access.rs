//! What there is to say about the access log.

use tower_watch_layers::access::{AccessLog, AccessObserver};

use crate::watch::{Preset, WatchBuilder};

/// Settings of the access log.
#[derive(Debug, Default)]
pub(crate) struct AccessSettings {
    config: Option<AccessLog>,
    off: bool,
}

impl AccessSettings {
    pub(crate) fn observer(self, preset: Preset) -> Option<AccessObserver> {
        let config = self.config.unwrap_or_else(|| preset.access_log());
        (!self.off).then(|| AccessObserver::new(config))
    }
}

impl Preset {
    /// A path can say more of a person than its template does, so it is shown to developers only.
    fn access_log(self) -> AccessLog {
        match self {
            Self::Development => AccessLog::new().with_path(),
            Self::Production | Self::Fleet => AccessLog::new(),
        }
    }
}

impl WatchBuilder {
    /// Writes the line that each exchange leaves in the access log as this says, and not as the preset does: `Development`
    /// shows the path as the client sent it, the others its template only.
    ///
    /// The line is an event of `tracing` with the target `tower_watch::access`; where no subscriber takes it, it costs nothing.
    /// What is different for one route is in its policy: [`RoutePolicy::access_line`](crate::RoutePolicy::access_line).
    pub fn access_log(mut self, config: AccessLog) -> Self {
        self.access.config = Some(config);
        self.access.off = false;
        self
    }

    /// Writes no line per exchange.
    pub fn without_access_log(mut self) -> Self {
        self.access.off = true;
        self
    }
}
