//! What there is to say about a store and about what fills it.

use std::time::Duration;

use tower_watch_layers::clock::Clock;

use crate::series::Retention;

/// Settings of a [`Store`](crate::series::Store).
#[derive(Clone, Debug)]
pub struct StoreSettings {
    pub(crate) retention: Retention,
    pub(crate) max_series: usize,
    pub(crate) max_bytes: usize,
}

impl Default for StoreSettings {
    /// The retention's default, 100,000 series and 256 MiB.
    fn default() -> Self {
        Self { retention: Retention::default(), max_series: 100_000, max_bytes: 256 << 20 }
    }
}

impl StoreSettings {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes for how long series are kept, and how finely.
    #[must_use]
    pub fn with_retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Changes how many series there may be. What is new beyond takes the place of series that have ended, and is added
    /// up in one series of its name where there are none.
    #[must_use]
    pub fn with_max_series(mut self, series: usize) -> Self {
        self.max_series = series;
        self
    }

    /// Changes how many bytes all series may take, by the store's own account. Beyond that no series is added.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// What cannot be in these settings, one line each; empty where they are right.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = self.retention.problems().iter().map(ToString::to_string).collect();
        if self.max_series == 0 {
            problems.push("max_series is 0: nothing could be kept; give some thousands".into());
        }
        if self.max_bytes < 1 << 20 {
            problems.push("max_bytes is below 1 MiB: nothing could be kept; give some MiB".into());
        }
        problems
    }
}

/// Settings of a [`Sampler`](crate::series::Sampler).
#[derive(Clone, Debug)]
pub struct SamplerSettings {
    pub(crate) interval: Duration,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) clock: Clock,
}

impl Default for SamplerSettings {
    fn default() -> Self {
        Self { interval: Duration::from_secs(5), labels: Vec::new(), clock: Clock::default() }
    }
}

impl SamplerSettings {
    /// A tick every 5 s by the system's clock, and no labels.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the time from one tick to the next.
    #[must_use]
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// A label on every series, as Prometheus puts `job` and `instance` on what it scrapes: a series' own label of
    /// that name becomes `exported_NAME`.
    #[must_use]
    pub fn with_label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.push((name.into(), value.into()));
        self
    }

    /// Replaces the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}
