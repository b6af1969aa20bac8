//! `anchored`, `smoothed` and our own `exact`: changes between the very ends of a range.
//!
//! Their windows also hold the samples around the range: `anchored` and `exact` those before its start, `smoothed`
//! those behind its end too, as far as the lookback goes. The semantics of the first two are those of the proposal
//! PROM-52 ("Extended range selectors semantics"); linear in the samples, and in their logarithm to find the ends.
//!
//! Where they differ: with `anchored` a range without a sample of its own has no result, as in Prometheus, while
//! `exact` says that nothing changed there.

use crate::promql::functions::counter::{Change, changes, reset_correction, resets};
use crate::promql::functions::window::Window;

/// `rate`, `increase` or `delta` with `anchored`: the difference between the last samples at or before each end,
/// resets added. Where there is none at or before the start, the first sample stands there.
pub(crate) fn anchored(window: &Window<'_>, change: Change) -> Option<f64> {
    difference(anchored_values(window)?, window, change)
}

/// `changes` with `anchored`.
pub(crate) fn anchored_changes(window: &Window<'_>) -> Option<f64> {
    changes(anchored_values(window)?)
}

/// `resets` with `anchored`.
pub(crate) fn anchored_resets(window: &Window<'_>) -> Option<f64> {
    resets(anchored_values(window)?)
}

/// `rate`, `increase` or `delta` of our own rules: as [`anchored`], but a series that is silent in the range, and is
/// known from before it, has not changed.
pub(crate) fn exact(window: &Window<'_>, change: Change) -> Option<f64> {
    difference(from_start(window)?, window, change)
}

/// The values from the last one at or before the start, to the last one at or before the end.
fn from_start<'a>(window: &Window<'a>) -> Option<&'a [f64]> {
    let until = window.times.partition_point(|time| *time <= window.end);
    let from = window.times.partition_point(|time| *time <= window.start).saturating_sub(1);
    window.values.get(from..until).filter(|values| !values.is_empty())
}

fn anchored_values<'a>(window: &Window<'a>) -> Option<&'a [f64]> {
    let until = window.times.partition_point(|time| *time <= window.end);
    let last = window.times[..until].last()?;
    if *last > window.start { from_start(window) } else { None }
}

fn difference(values: &[f64], window: &Window<'_>, change: Change) -> Option<f64> {
    let (first, last) = (values.first()?, values.last()?);
    let correction = if change.of_counter() { reset_correction(values) } else { 0.0 };
    Some(change.per(last - first + correction, window))
}

/// `rate`, `increase` or `delta` with `smoothed`: the difference between the values interpolated at each end.
pub(crate) fn smoothed(window: &Window<'_>, change: Change) -> Option<f64> {
    let Window { times, values, start, end, .. } = *window;
    let mut last = times.partition_point(|time| *time < end).min(times.len().checked_sub(1)?);
    let mut first = times.partition_point(|time| *time <= start).saturating_sub(1);
    if times[last] <= start || times[first] > end {
        return None;
    }
    let counter = change.of_counter();
    let left = if times[first] < start { between(window, first, start, counter) } else { values[first] };
    let right =
        if last > 0 && times[last] > end { between(window, last - 1, end, counter) } else { values[last] };

    let mut difference = right - left;
    if counter {
        // The ends already know of the resets beside them; what is left are the samples between them.
        if times[first] <= start {
            first += 1;
        }
        if times[last] < end {
            last += 1;
        }
        let mut before = left;
        for value in values.get(first..last).unwrap_or_default().iter().chain([&right]) {
            if *value < before {
                difference += before;
            }
            before = *value;
        }
    }
    Some(change.per(difference, window))
}

/// An instant selector with `smoothed`: the value at a moment, interpolated between the samples around it, or the
/// last one where none follows. Falls are falls: nothing says that the series is a counter.
pub(crate) fn smoothed_at(window: &Window<'_>, time: i64) -> Option<f64> {
    let after = window.times.partition_point(|at| *at <= time);
    let before = after.checked_sub(1)?;
    if after == window.times.len() || window.times[before] == time {
        return Some(window.values[before]);
    }
    Some(between(window, before, time, false))
}

/// The value at a moment between a sample and the next; a counter that was reset between them began again at zero.
fn between(window: &Window<'_>, index: usize, time: i64, counter: bool) -> f64 {
    let (from, to) = (window.times[index], window.times[index + 1]);
    let (mut start, end) = (window.values[index], window.values[index + 1]);
    if counter && end < start {
        start = 0.0;
    }
    start + (end - start) * (time - from) as f64 / (to - from) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A counter at 0, 15, ... seconds: 1 2 3 4 5 9 10 11 12 13.
    const TIMES: [i64; 10] = [0, 15_000, 30_000, 45_000, 60_000, 75_000, 90_000, 105_000, 120_000, 135_000];
    const VALUES: [f64; 10] = [1.0, 2.0, 3.0, 4.0, 5.0, 9.0, 10.0, 11.0, 12.0, 13.0];

    fn at(end: i64) -> Window<'static> {
        Window { times: &TIMES, values: &VALUES, start: end - 60_000, end, coarse: 0 }
    }

    #[test]
    fn anchored_takes_the_last_sample_at_each_end() {
        // From 2 (15 s, before 20 s) to 9 (75 s, before 80 s).
        assert_eq!(anchored(&at(80_000), Change::Increase), Some(7.0));
        // The series begins inside: from its first sample.
        assert_eq!(anchored(&at(20_000), Change::Increase), Some(1.0));
        assert_eq!(anchored(&at(80_000), Change::Rate), Some(7.0 / 60.0));
        assert_eq!(anchored_changes(&at(80_000)), Some(4.0));
    }

    #[test]
    fn smoothed_interpolates_at_each_end() {
        // At 5 s one third of the way from 1 to 2; at 65 s one third from 5 to 9.
        let increase = smoothed(&at(65_000), Change::Increase).unwrap_or(f64::NAN);
        assert!((increase - 5.0).abs() < 1e-12, "{increase}");
        // At 50 s the range begins before the series.
        let increase = smoothed(&at(50_000), Change::Increase).unwrap_or(f64::NAN);
        assert!((increase - (4.0 + 1.0 / 3.0 - 1.0)).abs() < 1e-12, "{increase}");
    }

    #[test]
    fn smoothed_takes_a_counter_up_from_zero_after_a_reset() {
        // 9 8 5 4 by the minute, from 0:15 to 2:15: ends at 8 * 1/4 and 4 * 1/4, and lost 8 and 5 in between.
        let window = Window {
            times: &[0, 60_000, 120_000, 180_000],
            values: &[9.0, 8.0, 5.0, 4.0],
            start: 15_000,
            end: 135_000,
            coarse: 0,
        };
        assert_eq!(smoothed(&window, Change::Increase), Some(1.0 - 2.0 + 8.0 + 5.0));
        // A gauge falls: from 8.75 to 4.75.
        assert_eq!(smoothed(&window, Change::Delta), Some(-4.0));
    }

    #[test]
    fn a_range_before_or_behind_all_samples_has_no_change() {
        for (start, end) in [(-20_000, -10_000), (200_000, 210_000)] {
            let window = Window { times: &TIMES, values: &VALUES, start, end, coarse: 0 };
            assert_eq!(smoothed(&window, Change::Increase), None);
            assert_eq!(anchored(&window, Change::Increase), None);
        }
    }

    #[test]
    fn exact_knows_that_silence_is_no_change() {
        let window =
            Window { times: &[0, 10_000], values: &[3.0, 8.0], start: 20_000, end: 30_000, coarse: 0 };
        assert_eq!(exact(&window, Change::Increase), Some(0.0));
        assert_eq!(anchored(&window, Change::Increase), None);
        let window = Window { start: -10_000, end: -5_000, ..window };
        assert_eq!(exact(&window, Change::Increase), None);
        // 8 to 2 over a reset at 4: 4 up to 12, then 2.
        let window =
            Window { times: &[0, 10, 20, 30], values: &[8.0, 12.0, 0.0, 2.0], start: 5, end: 30, coarse: 0 };
        assert_eq!(exact(&window, Change::Increase), Some(6.0));
        assert_eq!(exact(&window, Change::Delta), Some(-6.0));
    }

    #[test]
    fn a_smoothed_value_lies_between_its_neighbours() {
        let window = Window { times: &[0, 10, 20], values: &[1.0, 5.0, 1.0], start: 0, end: 20, coarse: 0 };
        assert_eq!(smoothed_at(&window, -1), None);
        assert_eq!(smoothed_at(&window, 5), Some(3.0));
        assert_eq!(smoothed_at(&window, 10), Some(5.0));
        assert_eq!(smoothed_at(&window, 15), Some(3.0));
        assert_eq!(smoothed_at(&window, 25), Some(1.0));
    }
}
