//! How much a series changed in a window: `rate`, `increase`, `delta`, `irate`, `idelta`, `resets`, `changes`.
//!
//! `rate`, `increase` and `delta` extrapolate from the samples in the window to its ends as Prometheus 3 does: to an
//! end that is closer than 1.1 times the average interval between samples, and otherwise by half such an interval;
//! a counter never below zero. So an integer counter can have a fractional increase.

use crate::promql::functions::window::Window;

/// What is asked of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// `rate`: of a counter, per second.
    Rate,
    /// `increase`: of a counter.
    Increase,
    /// `delta`: of a gauge.
    Delta,
}

impl Change {
    /// Whether a fall is a reset.
    pub(crate) fn of_counter(self) -> bool {
        self != Self::Delta
    }

    /// Per second where that is asked.
    pub(crate) fn per(self, change: f64, window: &Window<'_>) -> f64 {
        if self == Self::Rate { change / window.seconds() } else { change }
    }
}

/// An interval between samples times this is the longest way to an end that is taken in full.
const THRESHOLD: f64 = 1.1;

/// What a counter had reached before each of its resets, summed: what must be added to the difference of two values.
pub(crate) fn reset_correction(values: &[f64]) -> f64 {
    values.windows(2).filter(|pair| pair[1] < pair[0]).map(|pair| pair[0]).sum()
}

/// `rate`, `increase`, `delta`; nothing of fewer than two samples. Constant time: who calls it knows the
/// [`reset_correction`] of the window (0 for `delta`).
pub(crate) fn extrapolated(window: &Window<'_>, change: Change, correction: f64) -> Option<f64> {
    let intervals = window.times.len().checked_sub(1).filter(|intervals| *intervals > 0)?;
    let (first, last) = (window.values[0], window.values[intervals]);
    let (first_time, last_time) = (window.times[0], window.times[intervals]);
    let difference = last - first + correction;

    let sampled = (last_time - first_time) as f64 / 1000.0;
    let interval = sampled / intervals as f64;
    let reach = |gap: i64, interval: f64| {
        let gap = gap as f64 / 1000.0;
        if gap >= interval * THRESHOLD { interval / 2.0 } else { gap }
    };
    // Samples that get denser towards the end are further apart at the start than on average.
    let mut to_start = reach(first_time - window.start, interval.max(window.coarse as f64 / 1000.0));
    if change.of_counter() && difference > 0.0 && first >= 0.0 {
        let to_zero = sampled * (first / difference);
        to_start = to_start.min(to_zero);
    }
    let to_end = reach(window.end - last_time, interval);
    let mut factor = (sampled + to_start + to_end) / sampled;
    if change == Change::Rate {
        factor /= window.seconds();
    }
    Some(difference * factor)
}

/// `irate`: the last two samples of a counter, per second; after a reset, the last value.
pub(crate) fn instant_rate(window: &Window<'_>) -> Option<f64> {
    let [.., before, last] = *window.values else { return None };
    let [.., before_time, last_time] = *window.times else { return None };
    let change = if last < before { last } else { last - before };
    Some(change / ((last_time - before_time) as f64 / 1000.0))
}

/// `idelta`: the difference of the last two samples.
pub(crate) fn instant_delta(window: &Window<'_>) -> Option<f64> {
    let [.., before, last] = *window.values else { return None };
    Some(last - before)
}

/// `resets`: how often a value is lower than the one before it; nothing of no sample.
pub(crate) fn resets(values: &[f64]) -> Option<f64> {
    count_pairs(values, |before, value| value < before)
}

/// `changes`: how often a value is another than the one before it; `NaN` after `NaN` is no change.
pub(crate) fn changes(values: &[f64]) -> Option<f64> {
    count_pairs(values, |before, value| value != before && !(value.is_nan() && before.is_nan()))
}

fn count_pairs(values: &[f64], counts: impl Fn(f64, f64) -> bool) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    Some(values.windows(2).filter(|pair| counts(pair[0], pair[1])).count() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window<'a>(times: &'a [i64], values: &'a [f64], start: i64, end: i64) -> Window<'a> {
        Window { times, values, start, end, coarse: 0 }
    }

    fn change(window: &Window<'_>, change: Change) -> Option<f64> {
        let correction = if change.of_counter() { reset_correction(window.values) } else { 0.0 };
        extrapolated(window, change, correction)
    }

    #[test]
    fn both_ends_are_reached_when_they_are_near() {
        // 30 in 45 s; 5 s and 10 s to the ends, both below 16.5 s: 30 * 60 / 45.
        let window = window(&[5_000, 20_000, 35_000, 50_000], &[100.0, 110.0, 120.0, 130.0], 0, 60_000);
        assert_eq!(change(&window, Change::Increase), Some(40.0));
        assert_eq!(change(&window, Change::Rate), Some(30.0 * (60.0 / 45.0 / 60.0)));
        assert_eq!(change(&window, Change::Delta), Some(40.0));
    }

    #[test]
    fn a_far_end_is_not_reached_but_half_an_interval_is() {
        // 10 in 10 s; 20 s and 30 s to the ends are both above 11 s, so 5 s are added twice.
        let window = window(&[20_000, 30_000], &[100.0, 110.0], 0, 60_000);
        assert_eq!(change(&window, Change::Increase), Some(20.0));
        // 11 s is the threshold itself, and so too far.
        let window = Window { start: 9_000, end: 30_000, ..window };
        assert_eq!(change(&window, Change::Increase), Some(15.0));
    }

    #[test]
    fn a_counter_is_not_extrapolated_below_zero() {
        // 8 in 10 s: zero was 2.5 s before the first sample; a gauge goes the whole 5 s.
        let window = window(&[5_000, 15_000], &[2.0, 10.0], 0, 15_000);
        assert_eq!(change(&window, Change::Increase), Some(10.0));
        assert_eq!(change(&window, Change::Delta), Some(12.0));
    }

    #[test]
    fn what_was_reached_before_a_reset_is_added() {
        let window = window(&[10_000, 20_000, 30_000, 40_000], &[50.0, 60.0, 5.0, 10.0], 10_000, 40_000);
        assert_eq!(reset_correction(window.values), 60.0);
        assert_eq!(change(&window, Change::Increase), Some(20.0));
        assert_eq!(change(&window, Change::Delta), Some(-40.0));
    }

    #[test]
    fn one_sample_has_no_rate() {
        let window = window(&[10], &[1.0], 0, 20);
        assert_eq!(change(&window, Change::Rate), None);
        assert_eq!(instant_rate(&window), None);
        assert_eq!(instant_delta(&window), None);
    }

    #[test]
    fn the_instant_ones_look_at_two_samples() {
        let window = window(&[0, 10_000, 20_000], &[100.0, 30.0, 20.0], 0, 60_000);
        assert_eq!(instant_rate(&window), Some(2.0));
        assert_eq!(instant_delta(&window), Some(-10.0));
    }

    #[test]
    fn resets_and_changes_are_counted() {
        let values = [1.0, 2.0, 0.0, f64::NAN, f64::NAN, 5.0, 5.0, 4.0];
        assert_eq!(resets(&values), Some(2.0));
        assert_eq!(changes(&values), Some(5.0));
        assert_eq!(resets(&[]), None);
    }
}
