//! The quantile of single values, for `quantile` and `quantile_over_time`.

use std::cmp::Ordering;

/// The `q`-quantile, interpolated between the two values around it. Reorders the values; linear in their count.
///
/// `NaN` of nothing or for a `q` that is `NaN`; minus infinity for `q < 0`, plus infinity for `q > 1`. A `NaN` among
/// the values counts as the least.
pub(crate) fn quantile(q: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let rank = q * (values.len() - 1) as f64;
    let weight = rank - rank.floor();
    let (_, lower, above) = values.select_nth_unstable_by(rank.floor() as usize, order);
    let lower = *lower;
    let upper = above.iter().copied().min_by(order).unwrap_or(lower);
    lower * (1.0 - weight) + upper * weight
}

fn order(a: &f64, b: &f64) -> Ordering {
    a.partial_cmp(b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_lies_between_its_neighbours() {
        let of = |q| quantile(q, &mut [4.0, 1.0, 3.0, 2.0]);
        assert_eq!(of(0.0), 1.0);
        assert_eq!(of(0.5), 2.5);
        assert_eq!(of(0.75), 3.25);
        assert_eq!(of(1.0), 4.0);
        assert_eq!(of(-0.1), f64::NEG_INFINITY);
        assert_eq!(of(1.1), f64::INFINITY);
        assert!(of(f64::NAN).is_nan());
        assert!(quantile(0.5, &mut []).is_nan());
    }

    #[test]
    fn nan_is_the_least() {
        assert!(quantile(0.0, &mut [1.0, f64::NAN, 0.0]).is_nan());
        assert_eq!(quantile(0.5, &mut [1.0, f64::NAN, 0.0]), 0.0);
        assert_eq!(quantile(1.0, &mut [1.0, f64::NAN, 0.0]), 1.0);
    }
}
