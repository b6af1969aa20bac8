//! Where the routes of a watch are.

use crate::watch::error::Problems;

/// The paths of `Watch::router`; each can be moved or left out.
///
/// Requests to them are not observed: a probe is no traffic.
///
/// ```
/// use tower_watch::Endpoints;
///
/// let endpoints = Endpoints::new().metrics("/internal/metrics").without_liveness();
/// # let _ = endpoints;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    pub(crate) metrics: Option<String>,
    pub(crate) liveness: Option<String>,
}

impl Default for Endpoints {
    /// `/metrics` and `/health/liveness`.
    fn default() -> Self {
        Self { metrics: Some("/metrics".into()), liveness: Some("/health/liveness".into()) }
    }
}

impl Endpoints {
    /// The same as the default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the metrics.
    #[must_use]
    pub fn metrics(mut self, path: impl Into<String>) -> Self {
        self.metrics = Some(path.into());
        self
    }

    /// Leaves the metrics out.
    #[must_use]
    pub fn without_metrics(mut self) -> Self {
        self.metrics = None;
        self
    }

    /// Moves the liveness probe.
    #[must_use]
    pub fn liveness(mut self, path: impl Into<String>) -> Self {
        self.liveness = Some(path.into());
        self
    }

    /// Leaves the liveness probe out.
    #[must_use]
    pub fn without_liveness(mut self) -> Self {
        self.liveness = None;
        self
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        [&self.metrics, &self.liveness].into_iter().flatten().map(String::as_str)
    }

    pub(crate) fn check(&self, problems: &mut Problems) {
        for path in self.paths() {
            if let Some(mend) = fault(path) {
                problems.add("endpoints", format_args!("{path:?}: {mend}"));
            }
        }
        if self.metrics.is_some() && self.metrics == self.liveness {
            problems.add("endpoints", "the metrics and the liveness probe have one path; move one of them");
        }
    }
}

/// Why a route of ours cannot have this path.
pub(crate) fn fault(path: &str) -> Option<&'static str> {
    let plain = path.chars().all(|character| character.is_ascii_graphic() && !"{}*?#".contains(character));
    let good = path.starts_with('/') && plain;
    (!good).then_some("a path starts with \"/\" and has no parameter, wildcard, query or space")
}
