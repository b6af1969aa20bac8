//! How much one query may take.

use std::time::Duration;

/// The limits of one evaluation. A query that exceeds one is an error that names it. Beside these, the labels that
/// `label_replace` and `label_join` write have 32 MiB in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How long it may take. 10 s by default.
    pub timeout: Duration,
    /// How many samples it may have in memory at once, at 16 bytes each. 5 million by default.
    pub max_samples: usize,
    /// How many points each series of a range may have. 11,000, as in Prometheus.
    pub max_points: usize,
    /// How long before a moment a sample may lie and still be the value of its series. 5 minutes.
    pub lookback: Duration,
    /// The step of a subquery that names none. 15 s by default.
    pub default_step: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            max_samples: 5_000_000,
            max_points: 11_000,
            lookback: Duration::from_secs(5 * 60),
            default_step: Duration::from_secs(15),
        }
    }
}

impl Limits {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes how long a query may take.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Changes how many samples a query may have in memory at once.
    #[must_use]
    pub fn with_max_samples(mut self, samples: usize) -> Self {
        self.max_samples = samples;
        self
    }

    /// Changes how many points each series of a range may have.
    #[must_use]
    pub fn with_max_points(mut self, points: usize) -> Self {
        self.max_points = points;
        self
    }

    /// Changes how long a sample stays the value of its series.
    #[must_use]
    pub fn with_lookback(mut self, lookback: Duration) -> Self {
        self.lookback = lookback;
        self
    }

    /// Changes the step of a subquery that names none.
    #[must_use]
    pub fn with_default_step(mut self, step: Duration) -> Self {
        self.default_step = step;
        self
    }
}
