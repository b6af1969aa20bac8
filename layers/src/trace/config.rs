//! What a span shows, and whom it believes.

use std::sync::Arc;
use std::time::Duration;

use crate::trace::{KeepTraces, Sampling, Strangers};

/// Settings of a [`TraceLayer`](crate::trace::TraceLayer).
#[derive(Clone, Debug)]
pub struct TraceConfig {
    pub(crate) sampling: Sampling,
    pub(crate) strangers: Strangers,
    pub(crate) slow: Duration,
    pub(crate) keep: Option<Arc<dyn KeepTraces>>,
}

impl Default for TraceConfig {
    fn default() -> Self {
        Self {
            sampling: Sampling::default(),
            strangers: Strangers::default(),
            slow: Duration::from_secs(1),
            keep: None,
        }
    }
}

impl TraceConfig {
    /// Everything is sampled, callers are believed, and nothing that identifies a person is shown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Samples as this handle says.
    #[must_use]
    pub fn with_sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Says what becomes of a trace that a caller claims.
    #[must_use]
    pub fn with_strangers(mut self, strangers: Strangers) -> Self {
        self.strangers = strangers;
        self
    }

    /// From when on an exchange is slow, where its route does not say.
    #[must_use]
    pub fn with_slow(mut self, threshold: Duration) -> Self {
        self.slow = threshold;
        self
    }

    /// Keeps what was not sampled and ends in an error, or is slow.
    #[must_use]
    pub fn with_keep(mut self, keep: Arc<dyn KeepTraces>) -> Self {
        self.keep = Some(keep);
        self
    }
}
