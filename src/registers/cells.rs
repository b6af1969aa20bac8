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
use crate::registers::stripes;

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

/// Eight numbers, alone on a cache line.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Line([AtomicU64; LINE]);

const LINE: usize = 8;

/// A histogram: fixed buckets, each counting only its own values, and the sum of what can be summed.
///
/// A `NaN` is no measurement and is not recorded. An infinite value is counted in its bucket, and the sum takes
/// only what keeps it finite: one bad value would otherwise spoil it for the rest of the process.
#[derive(Debug)]
pub(crate) struct HistogramCell {
    pub(crate) series: Arc<SeriesKey>,
    bounds: Arc<[f64]>,
    /// Copies of the same row, each of `width` lines: the sum, and one bucket more than `bounds`, the last for what is
    /// above them all.
    lines: Box<[Line]>,
    width: usize,
    /// One less than the number of copies, which is a power of two.
    mask: usize,
    exemplars: Option<Exemplars>,
}

impl HistogramCell {
    pub(crate) fn new(series: Arc<SeriesKey>, bounds: Arc<[f64]>, exemplars: Option<Exemplars>) -> Self {
        let width = (bounds.len() + 2).div_ceil(LINE);
        // No number is the bits of the float 0.
        let copies = stripes::count();
        let lines = (0..width * copies).map(|_| Line::default()).collect();
        Self { series, bounds, lines, width, mask: copies - 1, exemplars }
    }

    /// The number at `index` in the copy that begins with the line `start`.
    #[inline]
    fn at(&self, start: usize, index: usize) -> &AtomicU64 {
        &self.lines[start + index / LINE].0[index % LINE]
    }

    /// The number at `index` in each copy.
    fn copies(&self, index: usize) -> impl Iterator<Item = u64> {
        (0..=self.mask).map(move |copy| self.at(copy * self.width, index).load(Relaxed))
    }

    fn bucket(&self, bucket: usize) -> u64 {
        self.copies(bucket + 1).fold(0, u64::wrapping_add)
    }

    /// How many values were recorded: the buckets are the only account of it.
    pub(crate) fn count(&self) -> u64 {
        (0..=self.bounds.len()).fold(0, |count, bucket| count.wrapping_add(self.bucket(bucket)))
    }

    fn sum(&self) -> f64 {
        self.copies(0).map(f64::from_bits).fold(0.0, finite_sum)
    }

    /// Reads the cell; the cumulative counts are put into `scratch`.
    pub(crate) fn read<'a>(&'a self, scratch: &'a mut Vec<u64>) -> Reading<'a> {
        scratch.clear();
        let mut count = 0u64;
        scratch.extend((0..=self.bounds.len()).map(|bucket| {
            count = count.wrapping_add(self.bucket(bucket));
            count
        }));
        Reading::Histogram { bounds: &self.bounds, cumulative: scratch, sum: self.sum() }
    }

    pub(crate) fn exemplars(&self) -> Option<&Exemplars> {
        self.exemplars.as_ref()
    }
}

/// The sum, or what there was where that would not be finite.
fn finite_sum(before: f64, value: f64) -> f64 {
    let after = before + value;
    if after.is_finite() { after } else { before }
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
        let bucket = bucket_of(&self.bounds, value);
        let own = (stripes::mine() & self.mask) * self.width;
        self.at(own, bucket + 1).fetch_add(count as u64, Relaxed);
        // Many sizes are zero, and leave the sum as it is.
        if value != 0.0 {
            replace(self.at(own, 0), |before| finite_sum(before, value * count as f64));
        }
        if let Some(exemplars) = &self.exemplars {
            exemplars.note(bucket, value);
        }
    }
}

/// The first bucket that takes the value. Most requests are quick and small, so the lowest are asked first.
#[inline]
fn bucket_of(bounds: &[f64], value: f64) -> usize {
    const LOWEST: usize = 4;
    let (low, high) = bounds.split_at(bounds.len().min(LOWEST));
    match low.iter().position(|bound| value <= *bound) {
        Some(bucket) => bucket,
        None => low.len() + high.partition_point(|bound| *bound < value),
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
