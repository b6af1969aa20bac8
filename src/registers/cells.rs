//! The registers themselves: atomics, and nothing that waits.
//!
//! Each value is on its own, so relaxed ordering is enough: a reader sees every value that was recorded before
//! it, as far as the program orders the two in another way, and never one that was not.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use metrics::atomics::AtomicU64;
use metrics::{CounterFn, GaugeFn, HistogramFn};

use crate::registers::exemplars::Exemplars;
use crate::registers::series::{Reading, SeriesKey};

/// A counter.
#[derive(Debug)]
pub(crate) struct CounterCell {
    pub(crate) series: Arc<SeriesKey>,
    value: AtomicU64,
}

impl CounterCell {
    pub(crate) fn new(series: Arc<SeriesKey>) -> Self {
        Self { series, value: AtomicU64::new(0) }
    }

    pub(crate) fn value(&self) -> u64 {
        self.value.load(Relaxed)
    }
}

impl CounterFn for CounterCell {
    fn increment(&self, value: u64) {
        self.value.fetch_add(value, Relaxed);
    }

    fn absolute(&self, value: u64) {
        self.value.fetch_max(value, Relaxed);
    }
}

/// A gauge: the bits of a float.
#[derive(Debug)]
pub(crate) struct GaugeCell {
    pub(crate) series: Arc<SeriesKey>,
    bits: AtomicU64,
}

impl GaugeCell {
    pub(crate) fn new(series: Arc<SeriesKey>) -> Self {
        Self { series, bits: AtomicU64::new(0f64.to_bits()) }
    }

    pub(crate) fn value(&self) -> f64 {
        f64::from_bits(self.bits.load(Relaxed))
    }
}

impl GaugeFn for GaugeCell {
    fn increment(&self, value: f64) {
        replace(&self.bits, |before| before + value);
    }

    fn decrement(&self, value: f64) {
        replace(&self.bits, |before| before - value);
    }

    fn set(&self, value: f64) {
        self.bits.store(value.to_bits(), Relaxed);
    }
}

/// A histogram: fixed buckets, each counting only its own values, and the sum of what can be summed.
///
/// A `NaN` is no measurement and is not recorded. An infinite value is counted in its bucket, and the sum takes
/// only what keeps it finite: one bad value would otherwise spoil it for the rest of the process.
#[derive(Debug)]
pub(crate) struct HistogramCell {
    pub(crate) series: Arc<SeriesKey>,
    bounds: Arc<[f64]>,
    /// One more than `bounds`: the last is for what is above them all.
    buckets: Box<[AtomicU64]>,
    sum: AtomicU64,
    exemplars: Option<Exemplars>,
}

impl HistogramCell {
    pub(crate) fn new(series: Arc<SeriesKey>, bounds: Arc<[f64]>, exemplars: Option<Exemplars>) -> Self {
        let buckets = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { series, bounds, buckets, sum: AtomicU64::new(0f64.to_bits()), exemplars }
    }

    /// How many values were recorded: the buckets are the only account of it.
    pub(crate) fn count(&self) -> u64 {
        self.buckets.iter().fold(0, |count, bucket| count.wrapping_add(bucket.load(Relaxed)))
    }

    /// Reads the cell; the cumulative counts are put into `scratch`.
    pub(crate) fn read<'a>(&'a self, scratch: &'a mut Vec<u64>) -> Reading<'a> {
        scratch.clear();
        let mut count = 0u64;
        scratch.extend(self.buckets.iter().map(|bucket| {
            count = count.wrapping_add(bucket.load(Relaxed));
            count
        }));
        let sum = f64::from_bits(self.sum.load(Relaxed));
        Reading::Histogram { bounds: &self.bounds, cumulative: scratch, sum }
    }

    pub(crate) fn exemplars(&self) -> Option<&Exemplars> {
        self.exemplars.as_ref()
    }
}

impl HistogramFn for HistogramCell {
    #[inline]
    fn record(&self, value: f64) {
        self.record_many(value, 1);
    }

    #[inline]
    fn record_many(&self, value: f64, count: usize) {
        if value.is_nan() || count == 0 {
            return;
        }
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.buckets[bucket].fetch_add(count as u64, Relaxed);
        // Many sizes are zero, and leave the sum as it is.
        if value != 0.0 {
            replace(&self.sum, |before| {
                let after = before + value * count as f64;
                if after.is_finite() { after } else { before }
            });
        }
        if let Some(exemplars) = &self.exemplars {
            exemplars.note(bucket, value);
        }
    }
}

fn replace(bits: &AtomicU64, change: impl Fn(f64) -> f64) {
    let mut before = bits.load(Relaxed);
    loop {
        let after = change(f64::from_bits(before)).to_bits();
        match bits.compare_exchange_weak(before, after, Relaxed, Relaxed) {
            Ok(_) => return,
            Err(now) => before = now,
        }
    }
}
