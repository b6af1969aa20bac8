//! Random expressions over random series: the evaluator may refuse, it may not panic, hang or exceed its limits.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tower_watch::promql::{EvalError, Evaluator, Limits, Point, Query, TimeRange, Value};
use tower_watch::series::{Labels, Store};

use crate::promql_support::expressions::{Audience, expression, matrix};
use crate::promql_support::series::{BEGIN, INTERVAL, fill, generate};

/// Ten minutes of samples.
const ROUNDS: i64 = 90;

/// What no evaluation here may take, by far: its own limit is a second.
const HUNG: Duration = Duration::from_secs(10);

static STORE: LazyLock<Store> = LazyLock::new(|| {
    let store = Store::new();
    fill(&store, &generate(7, ROUNDS));
    store
});

fn limits() -> Limits {
    Limits::new().with_timeout(Duration::from_secs(1)).with_max_samples(50_000)
}

/// On and off the samples' own times, and around both ends of them.
fn ranges() -> impl Strategy<Value = TimeRange> {
    let start = -60_000..ROUNDS * INTERVAL;
    let step = prop_oneof![Just(INTERVAL), Just(1), 1..400_000i64];
    (start, step, 0..6i64).prop_map(|(start, step, steps)| {
        let start = BEGIN + start;
        TimeRange { start, end: start + step * steps, step }
    })
}

fn range(query: &Query, limits: Limits, range: TimeRange) -> Result<Value, EvalError> {
    let began = Instant::now();
    let answer = Evaluator::new(&STORE).with_limits(limits).range(query, range);
    assert!(began.elapsed() < HUNG, "{} took {:?}", query.text(), began.elapsed());
    answer.map(|output| output.value)
}

fn instant(query: &Query, limits: Limits, time: i64) -> Result<Value, EvalError> {
    let began = Instant::now();
    let answer = Evaluator::new(&STORE).with_limits(limits).instant(query, time);
    assert!(began.elapsed() < HUNG, "{} took {:?}", query.text(), began.elapsed());
    answer.map(|output| output.value)
}

/// The values at one moment, by series.
type Column = BTreeMap<Labels, f64>;

fn column(value: Value) -> Column {
    match value {
        Value::Scalar(point) => BTreeMap::from([(Labels::default(), point.value)]),
        Value::Vector(samples) => samples.into_iter().map(|one| (one.labels, one.point.value)).collect(),
        other => panic!("no column: {other:?}"),
    }
}

fn column_of_range(value: &Value, time: i64) -> Column {
    let Value::Matrix(series) = value else { panic!("no matrix: {value:?}") };
    let at = |points: &[Point]| points.iter().find(|point| point.time == time).map(|point| point.value);
    series.iter().filter_map(|one| Some((one.labels.clone(), at(&one.points)?))).collect()
}

fn is_same(a: &Column, b: &Column) -> bool {
    let same = |(a, b): (f64, f64)| a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-12 * a.abs();
    a.len() == b.len() && a.iter().all(|(labels, a)| b.get(labels).is_some_and(|b| same((*a, *b))))
}

fn is_limit(error: &EvalError) -> bool {
    matches!(error, EvalError::TooManySamples(_) | EvalError::TooManyPoints(_) | EvalError::Timeout(_))
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(2_500))]

    #[test]
    fn a_range_is_its_instants(text in expression(Audience::Us), whole in ranges()) {
        // What `@ start()` means differs between the two, and what is no PromQL has no value.
        prop_assume!(!text.contains("start()") && !text.contains("end()"));
        let Ok(query) = Query::parse(&text) else { return Ok(()) };
        let over = range(&query, limits(), whole);
        let moments = (whole.start..=whole.end).step_by(whole.step as usize);
        let instants: Vec<_> = moments.map(|time| (time, instant(&query, limits(), time))).collect();
        match over {
            Ok(over) => {
                for (time, answer) in instants {
                    let answer = answer.map_err(|error| TestCaseError::fail(format!("{text} at {time}: {error}")))?;
                    let (at, of_range) = (column(answer), column_of_range(&over, time));
                    prop_assert!(is_same(&at, &of_range), "{text} at {time}: {at:?} and not {of_range:?}");
                }
            }
            Err(error) if is_limit(&error) => {}
            Err(error) => {
                let refused = instants.iter().any(|(_, answer)| answer.as_ref().is_err());
                prop_assert!(refused, "{text} over {whole:?}: {error}");
            }
        }
    }

    #[test]
    fn a_limit_is_an_error_that_names_it_and_changes_no_answer(
        text in expression(Audience::Us), whole in ranges(), samples in 0..3_000usize,
    ) {
        let Ok(query) = Query::parse(&text) else { return Ok(()) };
        let free = range(&query, limits(), whole);
        let limited = range(&query, limits().with_max_samples(samples), whole);
        match (&free, &limited) {
            (_, Err(EvalError::TooManySamples(named))) => prop_assert_eq!(*named, samples),
            (Ok(free), Ok(limited)) => prop_assert_eq!(format!("{free:?}"), format!("{limited:?}")),
            (Err(free), Err(limited)) => prop_assert_eq!(free, limited),
            _ => prop_assert!(false, "{text}: {free:?} and {limited:?}"),
        }
        let steps = (whole.end - whole.start) / whole.step;
        if steps > 0 {
            let points = steps as usize - 1;
            let answer = range(&query, limits().with_max_points(points), whole);
            prop_assert_eq!(answer, Err(EvalError::TooManyPoints(points)));
        }
        let answer = instant(&query, limits().with_timeout(Duration::ZERO), whole.start);
        prop_assert_eq!(answer, Err(EvalError::Timeout(Duration::ZERO)));
    }

    #[test]
    fn range_vectors_are_answered_or_refused(text in matrix(Audience::Us), time in ranges()) {
        if let Ok(query) = Query::parse(&text) {
            match instant(&query, limits(), time.start) {
                Ok(Value::Matrix(series)) => {
                    let sorted = |points: &[Point]| points.windows(2).all(|pair| pair[0].time < pair[1].time);
                    prop_assert!(series.iter().all(|one| !one.points.is_empty() && sorted(&one.points)), "{text}");
                }
                Ok(other) => prop_assert!(false, "{text}: {other:?}"),
                Err(_) => {}
            }
        }
    }

    #[test]
    fn random_text_breaks_nothing(
        text in r#"(queue|limit|[0-9]|5m|sum|rate|abs|on|by|\(|\)|\[|\]|:|@|-|\+| |[{}="~!,<>*/^%.$é🦀\n]){0,24}"#,
    ) {
        if let Ok(query) = Query::parse(&text) {
            drop(instant(&query, limits(), BEGIN + 100_000));
        }
    }
}

#[test]
fn most_random_expressions_have_a_value() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = expression(Audience::Us);
    let (mut parsed, mut answered) = (0, 0);
    for _ in 0..400 {
        let text = strategy.new_tree(&mut runner).unwrap().current();
        let Ok(query) = Query::parse(&text) else { continue };
        parsed += 1;
        let answer = instant(&query, limits(), BEGIN + 300_000);
        answered += usize::from(answer.is_ok_and(|value| !column(value).is_empty()));
    }
    assert!(parsed > 300 && answered > 130, "{parsed} parsed, {answered} answered");
}
