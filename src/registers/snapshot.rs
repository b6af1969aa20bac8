//! A typed copy of all series, and the questions that tests ask of it.

use std::sync::Arc;

use metrics::Key;
use metrics_util::registry::Registry;

use crate::registers::canonical;
use crate::registers::exemplars::{Exemplar, Exemplars};
use crate::registers::series::{Kind, Reading, SeriesKey};
use crate::registers::storage::CellStorage;

/// What a histogram had counted.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct HistogramSnapshot {
    /// How many values were recorded: always the count of the last bucket.
    pub count: u64,
    /// Their sum, in the histogram's unit.
    pub sum: f64,
    /// Upper bound and how many values were at most that, increasing; the last bound is infinite. Empty where
    /// there is no such series.
    pub buckets: Vec<(f64, u64)>,
    /// The last exemplar of each bucket, beside `buckets`; empty where exemplars are off.
    pub exemplars: Vec<Option<Exemplar>>,
}

impl HistogramSnapshot {
    fn new(bounds: &[f64], cumulative: &[u64], sum: f64) -> Self {
        let bounds = bounds.iter().copied().chain([f64::INFINITY]);
        let buckets: Vec<_> = bounds.zip(cumulative.iter().copied()).collect();
        let count = buckets.last().map_or(0, |(_, count)| *count);
        Self { count, sum, buckets, exemplars: Vec::new() }
    }

    /// Adds another of the same name, so with the same bounds. The later exemplar stays.
    fn add(&mut self, other: &Self) {
        if self.buckets.is_empty() {
            self.clone_from(other);
            return;
        }
        self.count = self.count.saturating_add(other.count);
        self.sum += other.sum;
        for ((_, count), (_, more)) in self.buckets.iter_mut().zip(&other.buckets) {
            *count = count.saturating_add(*more);
        }
        for (kept, new) in self.exemplars.iter_mut().zip(&other.exemplars) {
            if new.map(|exemplar| exemplar.at) > kept.map(|exemplar| exemplar.at) {
                *kept = *new;
            }
        }
    }
}

/// The value of one series.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SeriesValue {
    /// A counter's value.
    Counter(u64),
    /// A gauge's value.
    Gauge(f64),
    /// A histogram.
    Histogram(HistogramSnapshot),
}

/// One series: its name and labels, and its value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Series {
    /// Name and labels.
    pub key: Arc<SeriesKey>,
    /// The value.
    pub value: SeriesValue,
}

/// All series of some [`Registers`](crate::registers::Registers) at one moment, sorted by name and then by labels.
///
/// The questions take names and labels as they were registered, mended or not. A label asked for with an empty
/// value means a series without that label, as in PromQL. What does not exist counts as zero.
///
/// ```
/// # use tower_watch::registers::Registers;
/// # let registers = Registers::new();
/// # metrics::with_local_recorder(&registers, || {
/// metrics::counter!("jobs_total", "queue" => "mail", "result" => "ok").increment(2);
/// metrics::counter!("jobs_total", "queue" => "mail", "result" => "failed").increment(1);
/// # });
/// let snapshot = registers.snapshot();
/// assert_eq!(snapshot.counter("jobs_total", &[("queue", "mail")]), 3);
/// assert_eq!(snapshot.counter("jobs_total", &[("result", "failed")]), 1);
/// assert_eq!(snapshot.series_count(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Snapshot {
    series: Vec<Series>,
}

impl Snapshot {
    pub(crate) fn take(registry: &Registry<Key, CellStorage>) -> Self {
        let mut series = Vec::new();
        registry.visit_counters(|_, cell| {
            series.push(Series { key: Arc::clone(&cell.series), value: SeriesValue::Counter(cell.value()) });
        });
        registry.visit_gauges(|_, cell| {
            series.push(Series { key: Arc::clone(&cell.series), value: SeriesValue::Gauge(cell.value()) });
        });
        let mut scratch = Vec::new();
        registry.visit_histograms(|_, cell| {
            if let Reading::Histogram { bounds, cumulative, sum } = cell.read(&mut scratch) {
                let mut histogram = HistogramSnapshot::new(bounds, cumulative, sum);
                histogram.exemplars = cell.exemplars().map(Exemplars::read).unwrap_or_default();
                let value = SeriesValue::Histogram(histogram);
                series.push(Series { key: Arc::clone(&cell.series), value });
            }
        });
        series.sort_by(|a, b| a.key.order(&b.key));
        Self { series }
    }

    /// All series.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Series> {
        self.series.iter()
    }

    /// How many series there are. A histogram is one.
    #[must_use]
    pub fn series_count(&self) -> usize {
        self.series.len()
    }

    /// The series of one name.
    pub fn series(&self, name: &str) -> impl Iterator<Item = &Series> {
        let name = canonical::metric_name(name);
        let start = self.series.partition_point(|series| series.key.name() < name.as_str());
        self.series[start..].iter().take_while(move |series| series.key.name() == name)
    }

    /// The sum of all counters of this name that have these labels.
    #[must_use]
    pub fn counter(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let matching = self.matching(Kind::Counter, name, labels);
        matching.fold(0u64, |sum, value| match value {
            SeriesValue::Counter(value) => sum.saturating_add(*value),
            SeriesValue::Gauge(_) | SeriesValue::Histogram(_) => sum,
        })
    }

    /// The sum of all gauges of this name that have these labels.
    #[must_use]
    pub fn gauge(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let matching = self.matching(Kind::Gauge, name, labels);
        matching.fold(0.0, |sum, value| match value {
            SeriesValue::Gauge(value) => sum + value,
            SeriesValue::Counter(_) | SeriesValue::Histogram(_) => sum,
        })
    }

    /// All histograms of this name that have these labels, added up.
    #[must_use]
    pub fn histogram(&self, name: &str, labels: &[(&str, &str)]) -> HistogramSnapshot {
        let mut merged = HistogramSnapshot::default();
        for value in self.matching(Kind::Histogram, name, labels) {
            if let SeriesValue::Histogram(histogram) = value {
                merged.add(histogram);
            }
        }
        merged
    }

    fn matching(
        &self,
        kind: Kind,
        name: &str,
        labels: &[(&str, &str)],
    ) -> impl Iterator<Item = &SeriesValue> {
        let labels: Vec<(String, String)> = labels
            .iter()
            .map(|(name, value)| (canonical::label_name(kind, name), (*value).to_owned()))
            .collect();
        let fits = move |series: &&Series| labels.iter().all(|(name, value)| series.key.label(name) == value);
        self.series(name).filter(fits).map(|series| &series.value)
    }
}
