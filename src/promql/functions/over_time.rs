//! The functions that fold a window into one value: `sum_over_time` and its kin.
//!
//! Each takes the values of a window and has no result for an empty one. All are linear in the samples.

use crate::promql::functions::accumulate::{Mean, Sum, Variance};
use crate::promql::functions::quantile;

/// `avg_over_time`.
pub(crate) fn avg(values: &[f64]) -> Option<f64> {
    let mut mean = Mean::default();
    values.iter().for_each(|value| mean.add(*value));
    some(values, mean.value())
}

/// `sum_over_time`.
pub(crate) fn sum(values: &[f64]) -> Option<f64> {
    let mut sum = Sum::default();
    values.iter().for_each(|value| sum.add(*value));
    some(values, sum.value())
}

/// `min_over_time`: `NaN` only where there is nothing else.
pub(crate) fn min(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(|least, value| if value < least || least.is_nan() { value } else { least })
}

/// `max_over_time`: `NaN` only where there is nothing else.
pub(crate) fn max(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(|most, value| if value > most || most.is_nan() { value } else { most })
}

/// `count_over_time`.
pub(crate) fn count(values: &[f64]) -> Option<f64> {
    some(values, values.len() as f64)
}

/// `last_over_time`.
pub(crate) fn last(values: &[f64]) -> Option<f64> {
    values.last().copied()
}

/// `present_over_time`.
pub(crate) fn present(values: &[f64]) -> Option<f64> {
    some(values, 1.0)
}

/// `stdvar_over_time`.
pub(crate) fn stdvar(values: &[f64]) -> Option<f64> {
    let mut variance = Variance::default();
    values.iter().for_each(|value| variance.add(*value));
    some(values, variance.value())
}

/// `stddev_over_time`.
pub(crate) fn stddev(values: &[f64]) -> Option<f64> {
    stdvar(values).map(f64::sqrt)
}

/// `quantile_over_time`. Copies the values.
pub(crate) fn quantile(q: f64, values: &[f64]) -> Option<f64> {
    some(values, quantile::quantile(q, &mut values.to_vec()))
}

fn some(values: &[f64], result: f64) -> Option<f64> {
    if values.is_empty() { None } else { Some(result) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_window_has_no_value() {
        for fold in [avg, sum, min, max, count, last, present, stdvar, stddev] {
            assert_eq!(fold(&[]), None);
        }
        assert_eq!(quantile(0.5, &[]), None);
    }

    #[test]
    fn values_are_folded() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        assert_eq!(avg(&values), Some(5.0));
        assert_eq!(sum(&values), Some(40.0));
        assert_eq!(min(&values), Some(2.0));
        assert_eq!(max(&values), Some(9.0));
        assert_eq!(count(&values), Some(8.0));
        assert_eq!(last(&values), Some(9.0));
        assert_eq!(present(&values), Some(1.0));
        assert_eq!(stdvar(&values), Some(4.0));
        assert_eq!(stddev(&values), Some(2.0));
        assert_eq!(quantile(0.5, &values), Some(4.5));
    }

    #[test]
    fn the_extremes_are_numbers_where_there_are_numbers() {
        let values = [f64::NAN, 1.0, f64::NAN, -1.0, f64::NAN];
        assert_eq!(min(&values), Some(-1.0));
        assert_eq!(max(&values), Some(1.0));
        assert!(min(&[f64::NAN, f64::NAN]).is_some_and(f64::is_nan));
    }
}
