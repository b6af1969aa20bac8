//! What a selection holds: the samples that were asked for, and those before them that a coarse past makes necessary.

use metrics::counter;
use tower_watch::series::{
    AppendError, MatchOp, Matcher, Retention, STALE, Store, StoreSettings, TooManySamples, is_stale,
};

use crate::world::{HOUR, MINUTE, SECOND, START, World, matcher, name, seconds, series};

#[test]
fn a_selection_reaches_back_by_one_sample_and_by_all_within_four_resolutions() {
    let retention =
        Retention::new(seconds(120)).thinned(seconds(30), seconds(900)).thinned(seconds(300), seconds(7_200));
    let mut world = World::with(&StoreSettings::new().with_retention(retention));
    for tick in 0..1_200 {
        // Holes of many lengths.
        world.advance(if tick % 97 == 96 { 400 * SECOND } else { 5 * SECOND });
        world.tick().unwrap();
    }
    let all = world.samples("up");
    let (first, last) = (all.times[0], *all.times.last().unwrap());
    let resolution = |time: i64| {
        let at = all.times.partition_point(|sample| *sample <= time);
        all.resolution(at.saturating_sub(1))
    };
    let mut from = first - 10 * MINUTE;
    while from < last + 10 * MINUTE {
        for length in [0, 7 * SECOND, 5 * MINUTE, 3 * HOUR] {
            let to = from + length;
            let reach = from - 4 * resolution(from);
            let begin = all.times.partition_point(|time| *time < reach).saturating_sub(1);
            let end = all.times.partition_point(|time| *time <= to);
            let expected: Vec<_> =
                (begin..end.max(begin)).map(|at| (all.times[at], all.resolution(at))).collect();
            let mut found = world.store.select(&name("up"), from, to, usize::MAX).unwrap();
            let found = found.pop().map(|series| series.samples).unwrap_or_default();
            let found: Vec<_> = (0..found.len()).map(|at| (found.times[at], found.resolution(at))).collect();
            assert_eq!(found, expected, "{} to {}", from - START, to - START);
        }
        from += 13 * SECOND + 1;
    }
}

#[test]
fn samples_that_are_nobodys_readings_keep_their_times_and_have_no_resolution() {
    let store = Store::new();
    for (time, value) in [(-5, 1.0), (0, f64::NAN), (7, STALE), (1_000_000, -0.0)] {
        store.append(&series("x"), time, value).unwrap();
    }
    let found = store.select(&name("x"), i64::MIN, i64::MAX, 4).unwrap().remove(0).samples;
    assert_eq!(found.times, [-5, 0, 7, 1_000_000]);
    assert!(found.values[1].is_nan() && !is_stale(found.values[1]) && is_stale(found.values[2]));
    assert!(found.values[3].is_sign_negative());
    assert!((0..4).all(|index| found.resolution(index) == 0));
    let narrow = store.select(&name("x"), 7, 7, 10).unwrap().remove(0).samples;
    assert_eq!(narrow.times, [0, 7], "at a resolution of zero one sample before is all there is");
}

#[test]
fn samples_are_appended_in_the_order_of_time() {
    let store = Store::new();
    let x = series("x");
    store.append(&x, 10, 1.0).unwrap();
    assert_eq!(store.append(&x, 10, 1.0), Ok(()), "the very same again");
    assert_eq!(store.append(&x, 10, 2.0), Err(AppendError::OutOfOrder));
    assert_eq!(store.append(&x, 9, 1.0), Err(AppendError::OutOfOrder));
    assert_eq!(store.append(&x, 11, f64::NAN), Ok(()));
    assert_eq!(store.append(&x, 11, f64::NAN), Ok(()), "NaN is itself here");
    assert_eq!(store.size().samples, 2);
}

#[test]
fn no_more_samples_are_read_than_allowed() {
    let store = Store::new();
    for name in ["a", "b"] {
        (0..10).for_each(|time| store.append(&series(name), time, 0.0).unwrap());
    }
    let all = [matcher("__name__", MatchOp::Regex, "a|b")];
    assert_eq!(store.select(&all, 0, 9, 19), Err(TooManySamples));
    assert_eq!(store.select(&all, 0, 9, 20).unwrap().len(), 2);
}

#[test]
fn series_come_in_the_order_of_their_labels() {
    let store = Store::new();
    for zone in ["b", "a", "c", ""] {
        for name in ["y", "x"] {
            store.append(&series(name).with("zone", zone), 0, 0.0).unwrap();
        }
    }
    let found = store.select(&[], 0, 0, 100).unwrap();
    let found: Vec<_> = found.iter().map(|series| series.labels.to_string()).collect();
    let expected = [
        "x",
        r#"x{zone="a"}"#,
        r#"x{zone="b"}"#,
        r#"x{zone="c"}"#,
        "y",
        r#"y{zone="a"}"#,
        r#"y{zone="b"}"#,
        r#"y{zone="c"}"#,
    ];
    assert_eq!(found, expected);
}

#[test]
fn series_without_a_name_and_names_by_expression_are_found() {
    let mut world = World::new();
    world.record(|| {
        counter!("jobs_total", "queue" => "mail").increment(1);
        counter!("mails_total").increment(1);
    });
    world.ticks(1);
    world.store.append(&series("").with("queue", "none"), START, 1.0).unwrap();
    let found = |matchers: &[Matcher]| world.labels(matchers).len();
    assert_eq!(found(&[Matcher::equal("__name__", "")]), 1);
    assert_eq!(found(&[Matcher::equal("queue", "none")]), 1);
    assert_eq!(found(&[matcher("__name__", MatchOp::Regex, "(jobs|mails)_total")]), 2);
    assert_eq!(found(&[matcher("__name__", MatchOp::Regex, "mails_.*"), Matcher::equal("queue", "")]), 1);
    assert_eq!(found(&[Matcher::equal("__name__", "jobs_total"), Matcher::equal("__name__", "up")]), 0);
    assert_eq!(found(&[Matcher::equal("__name__", "nothing")]), 0);
}

#[test]
fn label_sets_are_those_that_have_samples_then() {
    let store = Store::new();
    store.append(&series("old"), 10, 1.0).unwrap();
    store.append(&series("new"), 20, 1.0).unwrap();
    let names = |from, to| {
        let mut names: Vec<_> = store.series(&[], from, to).iter().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(names(0, 9), Vec::<String>::new());
    assert_eq!(names(0, 10), ["old"]);
    assert_eq!(names(11, 30), ["new"]);
    assert_eq!(names(0, 30), ["new", "old"]);
}
