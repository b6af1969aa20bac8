//! Samples, and the value that ends a series.

/// The value that says that a series has ended: Prometheus' staleness marker, a `NaN` with bits of its own.
pub const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// Whether a value is the staleness marker, and not just any `NaN`.
#[must_use]
#[inline]
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE.to_bits()
}

/// Samples of one series in the order of time, staleness markers included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// Milliseconds since the Unix epoch, strictly increasing.
    pub times: Vec<i64>,
    /// The values, beside `times`.
    pub values: Vec<f64>,
    /// From which index on which resolution (milliseconds) holds; resolutions fall towards the present.
    tiers: Vec<(usize, i64)>,
}

impl Samples {
    /// Adds a sample.
    #[inline]
    pub fn push(&mut self, time: i64, value: f64) {
        self.times.push(time);
        self.values.push(value);
    }

    /// Makes room for so many.
    pub(crate) fn reserve(&mut self, samples: usize) {
        self.times.reserve(samples);
        self.values.reserve(samples);
    }

    /// Says that the samples added from here on are `resolution` milliseconds apart, or 0 if they are as they came.
    pub fn begin_tier(&mut self, resolution: i64) {
        if self.resolution(self.len()) != resolution {
            self.tiers.push((self.len(), resolution));
        }
    }

    /// The resolution, in milliseconds, of the sample at this index; 0 where samples are as they came.
    #[must_use]
    pub fn resolution(&self, index: usize) -> i64 {
        self.tiers.iter().rev().find(|(from, _)| *from <= index).map_or(0, |(_, resolution)| *resolution)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }
}
