//! Times of the week and of the year.

/// A named set of times (<https://prometheus.io/docs/alerting/latest/configuration/#time_interval-0>).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TimeInterval {
    /// What routes call it.
    pub name: String,
}

impl TimeInterval {
    /// Whether this time (milliseconds since the Unix epoch) is in it.
    #[must_use]
    pub fn contains(&self, _time: i64) -> bool {
        false
    }
}
