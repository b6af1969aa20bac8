//! Whether two answers are the same.

use crate::promql::answer::{Answer, Said};

/// How far two numbers may be apart, for one and in all.
const RELATIVE: f64 = 1e-9;
/// What is left where two nearly equal numbers are subtracted.
const ABSOLUTE: f64 = 1e-9;

/// In what ours differs from theirs; nothing where it does not.
pub(crate) fn difference(text: &str, ours: &Said, theirs: &Said) -> Option<String> {
    match (ours, theirs) {
        (Err(_), Err(_)) => None,
        (Err(ours), Ok(theirs)) => Some(format!("ours is an error: {ours}\n   theirs: {}", brief(theirs))),
        (Ok(ours), Err(theirs)) => Some(format!("theirs is an error: {theirs}\n   ours: {}", brief(ours))),
        (Ok(ours), Ok(theirs)) => between(text, ours, theirs),
    }
}

fn between(text: &str, ours: &Answer, theirs: &Answer) -> Option<String> {
    if ours.kind != theirs.kind {
        return Some(format!("ours is a {}, theirs a {}", ours.kind, theirs.kind));
    }
    let ordered = ["sort", "topk(", "bottomk("].iter().any(|word| text.starts_with(word));
    if ordered && ours.kind == "vector" {
        let values =
            |answer: &Answer| answer.series.iter().map(|(_, points)| points[0].1).collect::<Vec<_>>();
        let (ours, theirs) = (values(ours), values(theirs));
        if ours.len() == theirs.len()
            && ours.iter().zip(&theirs).any(|(ours, theirs)| !is_same(*ours, *theirs))
        {
            return Some(format!("ours comes as {ours:?}, theirs as {theirs:?}"));
        }
    }
    let (mut our_series, mut their_series) = (ours.series.clone(), theirs.series.clone());
    if ours.kind == "vector" {
        our_series.sort_by(|a, b| a.0.cmp(&b.0));
        their_series.sort_by(|a, b| a.0.cmp(&b.0));
    }
    if our_series.len() != their_series.len() {
        return Some(format!("series differ\n   ours:   {}\n   theirs: {}", brief(ours), brief(theirs)));
    }
    for ((our_labels, our_points), (their_labels, their_points)) in our_series.iter().zip(&their_series) {
        if our_labels != their_labels {
            return Some(format!("ours has {our_labels} where theirs has {their_labels}"));
        }
        if our_points.len() != their_points.len() {
            let missing =
                their_points.iter().find(|(time, _)| our_points.iter().all(|(other, _)| other != time));
            let added =
                our_points.iter().find(|(time, _)| their_points.iter().all(|(other, _)| other != time));
            return Some(format!("{our_labels}: missing {missing:?}, added {added:?}"));
        }
        for (our_point, their_point) in our_points.iter().zip(their_points) {
            if our_point.0 != their_point.0 || !is_same(our_point.1, their_point.1) {
                return Some(format!("{our_labels}: ours {our_point:?}, theirs {their_point:?}"));
            }
        }
    }
    None
}

fn is_same(a: f64, b: f64) -> bool {
    let close = (a - b).abs() <= (RELATIVE * a.abs().max(b.abs())).max(ABSOLUTE);
    a == b || a.is_nan() && b.is_nan() || close && a.is_finite() && b.is_finite()
}

fn brief(answer: &Answer) -> String {
    let text = format!("{:?}", answer.series);
    text.chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(value: f64) -> Said {
        Ok(Answer { kind: "vector".to_owned(), series: vec![("{}".to_owned(), vec![(0, value)])] })
    }

    #[test]
    fn values_are_the_same_within_a_billionth_and_so_is_what_is_no_number() {
        let differs = |ours: f64, theirs: f64| difference("x", &answer(ours), &answer(theirs)).is_some();
        assert!(!differs(1e6, 1e6 + 1e-4));
        assert!(differs(1e6, 1e6 + 1e-2));
        assert!(!differs(f64::NAN, -f64::NAN));
        assert!(!differs(f64::INFINITY, f64::INFINITY));
        assert!(differs(f64::INFINITY, f64::NEG_INFINITY));
        assert!(differs(f64::INFINITY, f64::MAX));
        assert!(differs(0.0, f64::NAN));
        assert!(difference("x", &answer(1.0), &Err("no".to_owned())).is_some());
    }
}
