//! Classic histograms: `histogram_quantile` and `histogram_fraction` from cumulative buckets.
//!
//! Both interpolate linearly within a bucket. A first bucket with a positive bound begins at zero, any other one at
//! minus infinity, where nothing can be interpolated; the same holds for the last bucket, whose bound is infinite.
//! They say what they had to mend, so that the caller can annotate the result. The cost is that of sorting the buckets.

/// One bucket: how many observations were at most `bound`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bucket {
    /// The label `le`.
    pub(crate) bound: f64,
    /// The cumulative count; a rate of it does as well.
    pub(crate) count: f64,
}

/// What was raised because a bucket counted less than the one below it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Forced {
    /// The lowest such bucket.
    pub(crate) from: f64,
    /// The highest such bucket.
    pub(crate) to: f64,
    /// The most that was added to one.
    pub(crate) difference: f64,
}

/// A quantile, and whether the buckets had to be mended for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quantile {
    /// The quantile.
    pub(crate) value: f64,
    /// What was raised, beyond differences that rounding explains.
    pub(crate) forced: Option<Forced>,
}

/// Counts that differ by less than this, relatively, differ by rounding.
const ROUNDING: f64 = 1e-12;

/// `histogram_quantile` over buckets in any order.
///
/// `NaN` for a `q` that is `NaN`, where there are no observations, fewer than two buckets, or no bucket up to
/// infinity; an infinity for a `q` outside of 0 to 1. In the last bucket it is the bound below, and in a first bucket
/// with a bound of zero or less, that bound.
pub(crate) fn quantile(q: f64, buckets: &mut Vec<Bucket>) -> Quantile {
    let plain = |value| Quantile { value, forced: None };
    if q.is_nan() {
        return plain(f64::NAN);
    }
    if q < 0.0 {
        return plain(f64::NEG_INFINITY);
    }
    if q > 1.0 {
        return plain(f64::INFINITY);
    }
    let Some(last) = settle(buckets) else { return plain(f64::NAN) };
    let forced = make_monotonic(buckets);
    let observations = buckets[last].count;
    if last == 0 || observations == 0.0 || observations.is_nan() {
        return plain(f64::NAN);
    }
    let rank = q * observations;
    // Counts do not fall any more.
    let index = buckets[..last].partition_point(|bucket| bucket.count < rank);
    let bound = buckets[index].bound;
    let value = if index == last {
        buckets[last - 1].bound
    } else if index > 0 {
        let below = buckets[index - 1];
        let share = (rank - below.count) / (buckets[index].count - below.count);
        below.bound + (bound - below.bound) * share
    } else if bound <= 0.0 {
        bound
    } else {
        bound * (rank / buckets[0].count)
    };
    Quantile { value, forced }
}

/// `histogram_fraction`: the share of observations between two values, over buckets in any order.
///
/// `NaN` for a bound that is `NaN`, where there are no observations, or no bucket up to infinity; 0 where `lower` is
/// not below `upper`. What lies within a bucket of infinite width counts for nothing.
pub(crate) fn fraction(lower: f64, upper: f64, buckets: &mut Vec<Bucket>) -> f64 {
    let Some(last) = settle(buckets) else { return f64::NAN };
    let count = buckets[last].count;
    if count == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    (rank(upper, buckets, count) - rank(lower, buckets, count)) / count
}

/// How many of the `count` observations are below a value.
fn rank(value: f64, buckets: &[Bucket], count: f64) -> f64 {
    let mut start = if buckets[0].bound > 0.0 { 0.0 } else { f64::NEG_INFINITY };
    let mut below = 0.0;
    for bucket in buckets {
        if start >= value {
            return count.min(below);
        }
        if bucket.bound > value {
            let share = (value - start) / (bucket.bound - start);
            let rank =
                if start.is_infinite() { bucket.count } else { below + (bucket.count - below) * share };
            return count.min(rank);
        }
        start = bucket.bound;
        below = bucket.count;
    }
    count
}

/// Sorts the buckets and puts those of one bound together. The index of the last one, if it reaches infinity.
fn settle(buckets: &mut Vec<Bucket>) -> Option<usize> {
    buckets.sort_by(|a, b| a.bound.total_cmp(&b.bound));
    buckets.dedup_by(|next, kept| {
        let same = next.bound == kept.bound;
        if same {
            kept.count += next.count;
        }
        same
    });
    let last = buckets.len().checked_sub(1)?;
    if buckets[last].bound == f64::INFINITY { Some(last) } else { None }
}

/// Raises what is lower than the bucket below it. A scrape in the middle of an observation, and rates over series that
/// do not begin together, make such buckets.
fn make_monotonic(buckets: &mut [Bucket]) -> Option<Forced> {
    let mut forced: Option<Forced> = None;
    let mut reached = buckets.first()?.count;
    for bucket in buckets.iter_mut().skip(1) {
        if bucket.count == reached {
            continue;
        }
        let rounding = almost_equal(bucket.count, reached);
        if !rounding && bucket.count < reached {
            let difference = reached - bucket.count;
            let entry = forced.get_or_insert(Forced { from: bucket.bound, to: bucket.bound, difference });
            entry.to = bucket.bound;
            entry.difference = entry.difference.max(difference);
        } else if !rounding {
            reached = bucket.count;
            continue;
        }
        bucket.count = reached;
    }
    forced
}

fn almost_equal(a: f64, b: f64) -> bool {
    let (sum, difference) = (a.abs() + b.abs(), (a - b).abs());
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < ROUNDING * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < ROUNDING
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(of: &[(f64, f64)]) -> Vec<Bucket> {
        of.iter().map(|(bound, count)| Bucket { bound: *bound, count: *count }).collect()
    }

    /// 1 up to 0.1, 2 more up to 0.2, 1 more up to 1, and one above; not in order.
    fn positive() -> Vec<Bucket> {
        buckets(&[(f64::INFINITY, 5.0), (0.1, 1.0), (1.0, 4.0), (0.2, 3.0)])
    }

    fn negative() -> Vec<Bucket> {
        buckets(&[(-3.0, 10.0), (-2.0, 12.0), (-1.0, 15.0), (f64::INFINITY, 100.0)])
    }

    #[test]
    fn a_quantile_is_interpolated() {
        let of = |q| quantile(q, &mut positive()).value;
        assert_eq!(of(0.0), 0.0);
        // Rank 0.5 of 1 in the first, 2 of 3 in the second, 3.5 in the third, 4.5 in the last.
        assert_eq!(of(0.1), 0.05);
        assert!((of(0.4) - 0.15).abs() < 1e-12);
        assert!((of(0.7) - 0.6).abs() < 1e-12);
        assert_eq!(of(0.9), 1.0);
        assert_eq!(of(-0.1), f64::NEG_INFINITY);
        assert_eq!(of(1.1), f64::INFINITY);
        assert!(of(f64::NAN).is_nan());
    }

    #[test]
    fn a_first_bucket_below_zero_has_only_its_bound() {
        assert_eq!(quantile(0.05, &mut negative()).value, -3.0);
        assert_eq!(quantile(0.11, &mut negative()).value, -2.5);
    }

    #[test]
    fn without_observations_or_infinity_there_is_no_quantile() {
        for of in
            [&[(1.0, 0.0), (f64::INFINITY, 0.0)][..], &[(1.0, 1.0), (2.0, 2.0)], &[(f64::INFINITY, 1.0)], &[]]
        {
            assert!(quantile(0.5, &mut buckets(of)).value.is_nan(), "{of:?}");
        }
        assert!(fraction(0.0, 1.0, &mut buckets(&[(1.0, 0.0), (f64::INFINITY, 0.0)])).is_nan());
        assert!(fraction(0.0, 1.0, &mut Vec::new()).is_nan());
    }

    #[test]
    fn buckets_of_one_bound_are_one() {
        let mut twice = buckets(&[(1.0, 1.0), (f64::INFINITY, 3.0), (1.0, 2.0), (f64::INFINITY, 1.0)]);
        // 3 of 4 up to 1.
        assert_eq!(quantile(0.5, &mut twice).value, 2.0 / 3.0);
        assert_eq!(twice.len(), 2);
    }

    #[test]
    fn what_falls_is_raised_and_told() {
        let mut falling = buckets(&[
            (0.1, 2.0),
            (1.0, 1.0),
            (10.0, 5.0),
            (100.0, 4.5),
            (1000.0, 9.0),
            (f64::INFINITY, 8.0),
        ]);
        let found = quantile(0.5, &mut falling);
        // Raised to 2 2 5 5 9 9: rank 4.5 of the 3 above 2, from 1 to 10.
        assert!((found.value - 8.5).abs() < 1e-12, "{found:?}");
        assert_eq!(found.forced, Some(Forced { from: 1.0, to: f64::INFINITY, difference: 1.0 }));
    }

    #[test]
    fn what_differs_by_rounding_is_mended_silently() {
        let mut rounded =
            buckets(&[(1.0, 1.0), (2.0, 1.0 - 1e-13), (3.0, 1.0 + 1e-13), (f64::INFINITY, 1.0)]);
        assert_eq!(quantile(1.0, &mut rounded), Quantile { value: 1.0, forced: None });
    }

    #[test]
    fn a_fraction_is_interpolated() {
        let of = |lower, upper| fraction(lower, upper, &mut positive());
        assert!((of(0.05, 0.15) - (2.0 - 0.5) / 5.0).abs() < 1e-12);
        assert_eq!(of(f64::NEG_INFINITY, f64::INFINITY), 1.0);
        assert_eq!(of(0.2, 0.1), 0.0);
        assert_eq!(of(2.0, 3.0), 0.0);
        assert!(of(f64::NAN, 1.0).is_nan());
    }

    #[test]
    fn a_bucket_of_infinite_width_is_not_divided() {
        let of = |lower, upper| fraction(lower, upper, &mut negative());
        assert_eq!(of(-4.0, -2.0), 0.02);
        assert_eq!(of(f64::NEG_INFINITY, -1.5), 0.135);
        assert_eq!(of(0.0, 1.0), 0.0);
    }
}
