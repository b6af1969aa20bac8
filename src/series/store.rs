//! Where series live.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use crate::series::{Labels, Matcher, Samples};

/// The series of one process.
#[derive(Debug, Default)]
pub struct Store {
    series: RwLock<BTreeMap<Labels, Samples>>,
}

/// What a selector found of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Selected {
    /// The series.
    pub labels: Labels,
    /// Its samples, staleness markers included.
    pub samples: Samples,
}

/// A sample that cannot be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppendError {
    /// The series has a sample at this time with another value, or a later one.
    OutOfOrder,
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the series has a sample that is not older; samples of a series are appended in the order of time")
    }
}

impl std::error::Error for AppendError {}

/// More samples would be read than the caller allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManySamples;

impl Store {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a sample that is nobody's reading of a register: a rule's result, a fill, a test. It keeps the time
    /// that it is given, in milliseconds since the Unix epoch, and has no resolution.
    ///
    /// # Errors
    ///
    /// A sample that is not newer than the last one of its series; the very same sample again is no error.
    pub fn append(&self, labels: &Labels, time: i64, value: f64) -> Result<(), AppendError> {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        let samples = series.entry(labels.clone()).or_default();
        match (samples.times.last(), samples.values.last()) {
            (Some(&last), Some(before)) if last == time && before.to_bits() == value.to_bits() => Ok(()),
            (Some(&last), _) if last >= time => Err(AppendError::OutOfOrder),
            _ => {
                samples.push(time, value);
                Ok(())
            }
        }
    }

    /// The series that pass all `matchers`, in the order of their labels, with their samples from `from` to `to`
    /// (milliseconds, both included).
    ///
    /// Before `from` comes what a coarse past makes necessary: at least one sample, where there is one, and all
    /// within four times the resolution that holds there.
    ///
    /// # Errors
    ///
    /// More than `limit` samples.
    pub fn select(
        &self,
        matchers: &[Matcher],
        from: i64,
        to: i64,
        limit: usize,
    ) -> Result<Vec<Selected>, TooManySamples> {
        let all = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let mut selected = Vec::new();
        let mut count = 0;
        for (labels, samples) in all.iter() {
            if !matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()))) {
                continue;
            }
            let start = samples.times.partition_point(|time| *time < from).saturating_sub(1);
            let end = samples.times.partition_point(|time| *time <= to);
            let mut part = Samples::default();
            for index in start..end {
                part.push(samples.times[index], samples.values[index]);
            }
            count += part.len();
            if count > limit {
                return Err(TooManySamples);
            }
            selected.push(Selected { labels: labels.clone(), samples: part });
        }
        Ok(selected)
    }
}
