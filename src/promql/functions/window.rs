//! The samples that a range function sees of one series.

/// Samples in the order of time, without staleness markers, and the range they are asked for.
///
/// Plain range functions get the samples in `(start, end]`. Those of `anchored`, `smoothed` and `exact`
/// ([`extended`](crate::promql::functions::extended)) get the samples around the range too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window<'a> {
    /// Milliseconds since the Unix epoch, strictly increasing.
    pub(crate) times: &'a [i64],
    /// The values, beside `times`.
    pub(crate) values: &'a [f64],
    /// The range's beginning, which does not belong to it.
    pub(crate) start: i64,
    /// The range's end: the moment of evaluation after `offset` and `@`.
    pub(crate) end: i64,
    /// How far the first sample is from the one before it where the past is coarse, and 0 where samples are as they
    /// came.
    pub(crate) coarse: i64,
}

impl Window<'_> {
    /// The length of the range in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        (self.end - self.start) as f64 / 1000.0
    }
}
