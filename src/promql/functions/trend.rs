//! The straight line through a window: `deriv` and `predict_linear`.
//!
//! Simple least squares (slope = covariance of time and value / variance of time), over compensated sums, with times
//! relative to a moment near the samples, because the square of a Unix time leaves no digits for the values.

use crate::promql::functions::accumulate::Sum;
use crate::promql::functions::window::Window;

/// `deriv`: the slope per second; nothing of fewer than two samples.
pub(crate) fn deriv(window: &Window<'_>) -> Option<f64> {
    regression(window, *window.times.first()?).map(|(slope, _)| slope)
}

/// `predict_linear`: the line's value `seconds` after the moment `now` (milliseconds) of the evaluation, which is that
/// of the query and not of an offset window.
pub(crate) fn predict(window: &Window<'_>, now: i64, seconds: f64) -> Option<f64> {
    regression(window, now).map(|(slope, intercept)| slope * seconds + intercept)
}

/// The slope per second, and the value at `origin`.
fn regression(window: &Window<'_>, origin: i64) -> Option<(f64, f64)> {
    let [first, rest @ ..] = window.values else { return None };
    if rest.is_empty() {
        return None;
    }
    if rest.iter().all(|value| value == first) {
        return Some(if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, *first) });
    }
    let (mut x, mut y, mut xy, mut xx) = (Sum::default(), Sum::default(), Sum::default(), Sum::default());
    for (time, value) in window.times.iter().zip(window.values) {
        let seconds = time.saturating_sub(origin) as f64 / 1000.0;
        x.add(seconds);
        y.add(*value);
        xy.add(seconds * value);
        xx.add(seconds * seconds);
    }
    let count = window.values.len() as f64;
    let (x, y, xy, xx) = (x.value(), y.value(), xy.value(), xx.value());
    let slope = (xy - x * y / count) / (xx - x * x / count);
    Some((slope, y / count - slope * x / count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window<'a>(times: &'a [i64], values: &'a [f64]) -> Window<'a> {
        Window { times, values, start: 0, end: 100_000, coarse: 0 }
    }

    #[test]
    fn a_line_is_found() {
        // Half a unit a second.
        let line = window(&[10_000, 20_000, 40_000], &[5.0, 10.0, 20.0]);
        assert_eq!(deriv(&line), Some(0.5));
        let predicted = predict(&line, 100_000, 60.0).unwrap();
        assert!((predicted - 80.0).abs() < 1e-9, "{predicted}");
        // Through the mean, 2 at 1 second; the covariance is 3, the variance 2.
        let scattered = window(&[0, 1_000, 2_000], &[1.0, 1.0, 4.0]);
        assert_eq!(deriv(&scattered), Some(1.5));
        assert_eq!(predict(&scattered, 1_000, 0.0), Some(2.0));
    }

    #[test]
    fn a_constant_has_no_slope_and_one_sample_no_line() {
        assert_eq!(deriv(&window(&[1, 2], &[0.1, 0.1])), Some(0.0));
        assert_eq!(predict(&window(&[1, 2], &[0.1, 0.1]), 5, 1e9), Some(0.1));
        assert!(deriv(&window(&[1, 2], &[f64::INFINITY, f64::INFINITY])).is_some_and(f64::is_nan));
        assert_eq!(deriv(&window(&[1], &[0.1])), None);
    }
}
