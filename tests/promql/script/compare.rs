//! Whether a result is the expected one, as closely as Prometheus asks for.

use std::collections::BTreeMap;

use tower_watch::promql::{InstantSample, RangeSeries, TimeRange, Value};
use tower_watch::series::Labels;

use crate::script::command::{Expected, Item, Series};

/// The relative error that a value may have.
const EPSILON: f64 = 1e-6;

/// Compares the result of an instant query. The order of a vector counts where it is asked for.
pub(crate) fn instant(expected: &Expected, ordered: bool, value: &Value) -> Result<(), String> {
    match (expected, value) {
        (Expected::Scalar(number), Value::Scalar(point)) => float(*number, point.value),
        (Expected::Text(text), Value::String(_, value)) if text == value => Ok(()),
        (Expected::Series { series, .. }, Value::Vector(samples)) => vector(series, ordered, samples),
        (Expected::Series { series, at: Some(range) }, Value::Matrix(found)) => matrix(series, *range, found),
        (Expected::Series { series, .. }, Value::Matrix(found)) if series.is_empty() && found.is_empty() => {
            Ok(())
        }
        _ => Err(format!("expected {expected:?}, got {value:?}")),
    }
}

/// Compares the result of a range query.
pub(crate) fn range(expected: &Expected, range: TimeRange, value: &Value) -> Result<(), String> {
    match (expected, value) {
        (Expected::Series { series, .. }, Value::Matrix(found)) => matrix(series, range, found),
        _ => Err(format!("expected {expected:?}, got {value:?}")),
    }
}

/// Compares what a range query gives at one of its moments with the result of an instant query.
pub(crate) fn slice(expected: &Expected, time: i64, value: &Value) -> Result<(), String> {
    let Value::Matrix(found) = value else { return Err(format!("a range query gave {value:?}")) };
    sorted(found)?;
    let at = |series: &RangeSeries| {
        let point = series.points.iter().find(|point| point.time == time).copied()?;
        Some(InstantSample { labels: series.labels.clone(), point })
    };
    let samples: Vec<InstantSample> = found.iter().filter_map(at).collect();
    match (expected, &samples[..]) {
        (Expected::Scalar(number), [sample]) => float(*number, sample.point.value),
        (Expected::Series { series, .. }, _) => vector(series, false, &samples),
        _ => Err(format!("expected {expected:?}, got {samples:?}")),
    }
}

fn vector(expected: &[Series], ordered: bool, found: &[InstantSample]) -> Result<(), String> {
    let places: BTreeMap<&Labels, usize> =
        expected.iter().enumerate().map(|(place, series)| (&series.labels, place)).collect();
    let mut seen = vec![false; expected.len()];
    for (place, sample) in found.iter().enumerate() {
        let Some(&index) = places.get(&sample.labels) else {
            return Err(format!("unexpected {} with {}", sample.labels, sample.point.value));
        };
        if ordered && index != place {
            return Err(format!("{} is at place {place} instead of {index}", sample.labels));
        }
        if std::mem::replace(&mut seen[index], true) {
            return Err(format!("{} comes twice", sample.labels));
        }
        match expected[index].values[..] {
            [Item::Float(value)] => {
                float(value, sample.point.value).map_err(|error| format!("{}: {error}", sample.labels))?;
            }
            _ => {
                return Err(format!(
                    "{}: {} is no {:?}",
                    sample.labels, sample.point.value, expected[index].values
                ));
            }
        }
    }
    missing(expected, &seen, &places)
}

fn matrix(expected: &[Series], range: TimeRange, found: &[RangeSeries]) -> Result<(), String> {
    sorted(found)?;
    let places: BTreeMap<&Labels, usize> =
        expected.iter().enumerate().map(|(place, series)| (&series.labels, place)).collect();
    let mut seen = vec![false; expected.len()];
    for series in found {
        let Some(&index) = places.get(&series.labels) else { return Err(format!("unexpected {series:?}")) };
        seen[index] = true;
        let wrong =
            |what: &str| Err(format!("{what}: expected {:?}, got {series:?}", expected[index].values));
        let mut points = series.points.iter();
        for (step, item) in expected[index].values.iter().enumerate() {
            let time = range.start + step as i64 * range.step;
            match item {
                Item::Omitted => {}
                Item::Histogram => return wrong("a histogram"),
                Item::Float(_) if time > range.end => return wrong("behind the end"),
                Item::Float(value) => match points.next() {
                    Some(point) if point.time == time && float(*value, point.value).is_ok() => {}
                    _ => return wrong(&format!("at {time}")),
                },
            }
        }
        if points.next().is_some() {
            return wrong("too many points");
        }
    }
    missing(expected, &seen, &places)
}

/// A series that is given twice counts where it stands last.
fn missing(expected: &[Series], seen: &[bool], places: &BTreeMap<&Labels, usize>) -> Result<(), String> {
    match places.values().find(|place| !seen[**place]) {
        Some(place) => Err(format!("{} is missing", expected[*place].labels)),
        None => Ok(()),
    }
}

fn sorted(found: &[RangeSeries]) -> Result<(), String> {
    match found.windows(2).find(|pair| pair[0].labels >= pair[1].labels) {
        Some(pair) => Err(format!("{} stands before {}", pair[0].labels, pair[1].labels)),
        None => Ok(()),
    }
}

fn float(expected: f64, found: f64) -> Result<(), String> {
    let (sum, difference) = (expected.abs() + found.abs(), (expected - found).abs());
    let equal = expected == found
        || (expected.is_nan() && found.is_nan())
        || if expected == 0.0 || found == 0.0 || sum < f64::MIN_POSITIVE {
            difference < EPSILON * f64::MIN_POSITIVE
        } else {
            difference / sum.min(f64::MAX) < EPSILON
        };
    if equal { Ok(()) } else { Err(format!("expected {expected}, got {found}")) }
}

#[cfg(test)]
mod tests {
    use tower_watch::promql::Point;

    use super::*;
    use crate::script::series::series;

    fn expected(lines: &[&str]) -> Expected {
        Expected::Series { series: lines.iter().map(|line| series(line).unwrap()).collect(), at: None }
    }

    fn sample(name: &str, value: f64) -> InstantSample {
        InstantSample { labels: Labels::new([("__name__", name)]), point: Point { time: 0, value } }
    }

    #[test]
    fn floats_are_compared_relatively() {
        for (a, b) in [(1.0, 1.000_001), (f64::NAN, -f64::NAN), (1e300, 1.000_001e300), (0.0, -0.0)] {
            assert!(float(a, b).is_ok(), "{a} {b}");
        }
        for (a, b) in [
            (1.0, 1.000_003),
            (0.0, 1e-300),
            (1.0, f64::NAN),
            (f64::INFINITY, f64::NEG_INFINITY),
            (1.0, f64::INFINITY),
        ] {
            assert!(float(a, b).is_err(), "{a} {b}");
        }
    }

    #[test]
    fn a_vector_has_the_expected_series_and_no_other() {
        let check = |ordered, found: &[InstantSample]| {
            instant(&expected(&["b 1", "a 2"]), ordered, &Value::Vector(found.to_vec())).is_ok()
        };
        let (a, b) = (sample("a", 2.0), sample("b", 1.0));
        assert!(check(true, &[b.clone(), a.clone()]));
        assert!(check(false, &[a.clone(), b.clone()]));
        assert!(!check(true, &[a.clone(), b.clone()]));
        assert!(!check(false, std::slice::from_ref(&a)));
        assert!(!check(false, &[a.clone(), b.clone(), sample("c", 1.0)]));
        assert!(!check(false, &[a.clone(), a.clone(), b.clone()]));
        assert!(!check(false, &[sample("a", 3.0), b]));
    }

    #[test]
    fn a_matrix_has_each_point_at_its_time() {
        let check = |points: &[(i64, f64)]| {
            let points = points.iter().map(|(time, value)| Point { time: *time, value: *value }).collect();
            let found = vec![RangeSeries { labels: Labels::new([("__name__", "a")]), points }];
            range(&expected(&["a 1 _ 3"]), TimeRange { start: 0, end: 20, step: 10 }, &Value::Matrix(found))
                .is_ok()
        };
        assert!(check(&[(0, 1.0), (20, 3.0)]));
        assert!(!check(&[(0, 1.0)]));
        assert!(!check(&[(0, 1.0), (10, 3.0)]));
        assert!(!check(&[(0, 1.0), (10, 2.0), (20, 3.0)]));
        assert!(!check(&[(0, 1.0), (20, 3.0), (30, 4.0)]));
    }
}
