//! What Prometheus' own scripts do not ask: limits, extreme times, and the ranges of our own rules.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tower_watch::promql::{EvalError, Evaluator, Limits, Point, Query, TimeRange, Value};
use tower_watch::series::{Labels, Store};

fn labels(name: &str, instance: &str) -> Labels {
    Labels::new([("__name__", name), ("instance", instance)])
}

/// Counters of 1 a second with a sample every 10 s, from 0 s to 600 s.
fn store(instances: usize) -> Store {
    let store = Store::new();
    for instance in 0..instances {
        for index in 0..=60 {
            let labels = labels("requests_total", &instance.to_string());
            store.append(&labels, index * 10_000, (index * 10) as f64).unwrap();
        }
    }
    store
}

fn instant(store: &Store, text: &str, seconds: i64) -> Result<Vec<(String, f64)>, EvalError> {
    let output = Evaluator::new(store).instant(&Query::parse(text).unwrap(), seconds * 1_000)?;
    let Value::Vector(vector) = output.value else { panic!("{text} is no vector") };
    Ok(vector.into_iter().map(|sample| (sample.labels.to_string(), sample.point.value)).collect())
}

fn whole() -> TimeRange {
    TimeRange { start: 0, end: 600_000, step: 1_000 }
}

#[test]
fn a_query_that_takes_too_long_is_ended() {
    let store = store(3);
    let evaluator = Evaluator::new(&store).with_limits(Limits::new().with_timeout(Duration::ZERO));
    let error = evaluator.range(&Query::parse("rate(requests_total[5m])").unwrap(), whole()).unwrap_err();
    assert_eq!(error, EvalError::Timeout(Duration::ZERO));
}

#[test]
fn a_query_that_nobody_waits_for_is_ended() {
    let (store, cancel) = (store(1), Arc::new(AtomicBool::new(false)));
    let evaluator = Evaluator::new(&store).with_cancel(Arc::clone(&cancel));
    let query = Query::parse("requests_total").unwrap();
    evaluator.instant(&query, 0).unwrap();
    cancel.store(true, Ordering::Relaxed);
    assert_eq!(evaluator.instant(&query, 0), Err(EvalError::Canceled));
}

#[test]
fn samples_in_memory_are_bounded_wherever_they_come_from() {
    let store = store(10);
    let evaluator = |samples| Evaluator::new(&store).with_limits(Limits::new().with_max_samples(samples));
    let query = |text| Query::parse(text).unwrap();
    // The samples of ten series, the values of ten series, moments without any series.
    for text in ["requests_total[10m]", "sum_over_time(vector(1)[1h:1s])", "count(requests_total)"] {
        let limited = evaluator(605).instant(&query(text), 600_000);
        let enough = evaluator(20_000).instant(&query(text), 600_000);
        assert!(enough.is_ok(), "{text}: {enough:?}");
        if text.starts_with("count") {
            assert!(limited.is_ok(), "{text}: {limited:?}");
        } else {
            assert_eq!(limited, Err(EvalError::TooManySamples(605)), "{text}");
        }
    }
    // 610 samples and ten series of 601 values.
    let text = query("max(rate(requests_total[1m]))");
    assert_eq!(evaluator(6_000).range(&text, whole()), Err(EvalError::TooManySamples(6_000)));
    assert!(evaluator(8_000).range(&text, whole()).is_ok());
    // Each literal is small, all of them together are not.
    let powers = query("sum_over_time(vector(time()^(time()^(time()^(time()^time()))))[10m:1s])");
    assert!(matches!(evaluator(2_000).instant(&powers, 0), Err(EvalError::TooManySamples(_))));
    assert!(evaluator(10_000).instant(&powers, 0).is_ok());
}

#[test]
fn a_range_is_checked_before_anything_is_read() {
    let store = store(1);
    let evaluator = Evaluator::new(&store).with_limits(Limits::new().with_max_points(600));
    let query = Query::parse("requests_total").unwrap();
    assert!(evaluator.range(&query, whole()).is_ok());
    let finer = TimeRange { step: 998, ..whole() };
    assert_eq!(evaluator.range(&query, finer), Err(EvalError::TooManyPoints(600)));
    let widest = TimeRange { start: i64::MIN, end: i64::MAX, step: 1 };
    assert_eq!(evaluator.range(&query, widest), Err(EvalError::TooManyPoints(600)));
    for step in [0, -1, i64::MIN] {
        assert!(matches!(
            evaluator.range(&query, TimeRange { step, ..whole() }),
            Err(EvalError::Execution(_))
        ));
    }
    let backwards = TimeRange { start: 1, end: 0, step: 1 };
    assert!(matches!(evaluator.range(&query, backwards), Err(EvalError::Execution(_))));
    let matrix = evaluator.range(&Query::parse("requests_total[1m]").unwrap(), whole()).unwrap_err();
    let message =
        "invalid expression type \"range vector\" for range query, must be Scalar or instant Vector";
    assert_eq!(matrix, EvalError::Execution(message.into()));
}

#[test]
fn no_time_is_too_far_away() {
    let store = store(1);
    store.append(&labels("requests_total", "late"), i64::MAX, 1.0).unwrap();
    store.append(&labels("requests_total", "early"), i64::MIN, 1.0).unwrap();
    let texts = [
        "requests_total",
        "requests_total smoothed",
        "requests_total offset 200y",
        "requests_total offset -200y",
        "requests_total @ 9223372036854774",
        "requests_total @ -9223372036854774 offset 292y",
        "rate(requests_total[292y])",
        "increase(requests_total[200y] smoothed)",
        "increase(requests_total[200y] anchored)",
        "predict_linear(requests_total[200y] offset -200y, 1e300)",
        "deriv(requests_total[292y] @ 9223372036854774)",
        "sum_over_time(requests_total[100y:50y] offset -290y)",
        "max_over_time(vector(time())[292y:291y] @ 9223372036854774)",
        "timestamp(requests_total)",
        "year() + month() + day_of_week() + days_in_month()",
    ];
    for text in texts {
        let query = Query::parse(text).unwrap();
        for time in [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX] {
            // The value does not matter, only that there is an answer.
            drop(Evaluator::new(&store).instant(&query, time));
            let range = TimeRange { start: time.saturating_sub(5), end: time.saturating_add(5), step: 3 };
            drop(Evaluator::new(&store).range(&query, range));
        }
        let widest = TimeRange { start: i64::MIN, end: i64::MAX, step: i64::MAX };
        drop(Evaluator::new(&store).range(&query, widest));
    }
}

#[test]
fn the_deepest_expressions_are_evaluated() {
    let ways = [
        ("(", ")"),
        ("-", ""),
        ("abs(", ")"),
        ("clamp(", ", 0, 1)"),
        ("sum(", ")"),
        ("topk(1, ", ")"),
        ("1 + (", ")"),
        ("requests_total + on (instance) ", ""),
        ("requests_total or (", ")"),
        ("requests_total ^ ", ""),
        ("label_join(", ", \"a\", \"b\")"),
        ("timestamp(", ")"),
        ("absent(", ")"),
        ("sort(", ")"),
        ("vector(scalar(", "))"),
        ("histogram_quantile(0.5, ", ")"),
        ("max_over_time(", "[2s:1s])"),
    ];
    // Reading may take more than that; what is held to it here is evaluation.
    for (before, after) in ways {
        let read = on_a_stack_of(16 << 20, move || {
            let texts =
                (1..=1_000).map(|depth| before.repeat(depth) + "requests_total" + &after.repeat(depth));
            texts.map_while(|text| Query::parse(&text).ok()).last().unwrap()
        });
        let store = store(1);
        let answer = on_a_stack_of(1 << 20, move || {
            Evaluator::new(&store).range(&read, TimeRange { start: 0, end: 10_000, step: 5_000 })
        });
        assert!(answer.is_ok(), "{before}: {answer:?}");
    }
}

fn on_a_stack_of<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(bytes).spawn(work).unwrap().join().unwrap()
}

#[test]
fn exact_counts_what_happened_between_two_samples() {
    let store = Store::new();
    let errors = labels("errors_total", "0");
    for (time, value) in [(0, 0.0), (10, 3.0), (20, 5.0), (30, 1.0), (40, 1.0)] {
        store.append(&errors, time * 1_000, value).unwrap();
    }
    let at = |text: &str, seconds: i64| {
        let query = Query::parse(text).unwrap().exact();
        match Evaluator::new(&store).instant(&query, seconds * 1_000).unwrap().value {
            Value::Vector(vector) => vector.first().map(|sample| sample.point.value),
            other => panic!("{other:?}"),
        }
    };
    // From 3 (at 10 s) to 1 (at 30 s), 5 lost on the way.
    assert_eq!(at("increase(errors_total[20s])", 35), Some(3.0));
    assert_eq!(at("rate(errors_total[20s])", 35), Some(0.15));
    assert_eq!(at("delta(errors_total[20s])", 35), Some(-2.0));
    // Nothing before the start: from the first sample.
    assert_eq!(at("increase(errors_total[1m])", 20), Some(5.0));
    // Silence is no change, until the lookback says that the series is gone.
    assert_eq!(at("increase(errors_total[10s])", 100), Some(0.0));
    assert_eq!(at("increase(errors_total[10s])", 1_000), None);
}

#[test]
fn a_window_without_a_reset_and_one_with_it_are_told_apart() {
    let store = Store::new();
    let counter = labels("jobs_total", "0");
    let values = [50.0, 60.0, 70.0, 5.0, 10.0, 15.0, 1.0, 2.0];
    for (index, value) in values.iter().enumerate() {
        store.append(&counter, index as i64 * 10_000, *value).unwrap();
    }
    let increase =
        |range: i64, at: i64| instant(&store, &format!("increase(jobs_total[{range}s])"), at).unwrap()[0].1;
    // Each window begins at a sample that it does not hold; all ends are reached.
    for (range, at, expected) in [(30, 20, 30.0), (30, 30, 22.5), (30, 50, 15.0), (40, 60, 11.0 * 4.0 / 3.0)]
    {
        let ranged = Query::parse(&format!("increase(jobs_total[{range}s])")).unwrap();
        let whole = TimeRange { start: 20_000, end: at * 1_000, step: 10_000 };
        let Value::Matrix(matrix) = Evaluator::new(&store).range(&ranged, whole).unwrap().value else {
            panic!()
        };
        let last = matrix[0].points.last().unwrap();
        assert_eq!(*last, Point { time: at * 1_000, value: increase(range, at) });
        assert!(
            (last.value - expected).abs() < 1e-9,
            "[{range}s] at {at}: {} and not {expected}",
            last.value
        );
    }
}

#[test]
fn a_series_that_moves_is_one_match_at_a_time() {
    let store = Store::new();
    let moved = |pod: &str| Labels::new([("__name__", "owner"), ("service", "shop"), ("pod", pod)]);
    let requests = Labels::new([("__name__", "load"), ("service", "shop")]);
    for index in 0..10 {
        store.append(&requests, index * 60_000, index as f64).unwrap();
    }
    store.append(&moved("a"), 0, 1.0).unwrap();
    store.append(&moved("a"), 60_000, tower_watch::series::STALE).unwrap();
    store.append(&moved("b"), 120_000, 2.0).unwrap();
    let query = Query::parse("load * on (service) group_left (pod) owner").unwrap();
    let range = TimeRange { start: 0, end: 180_000, step: 60_000 };
    let Value::Matrix(matrix) = Evaluator::new(&store).range(&query, range).unwrap().value else { panic!() };
    let found: Vec<_> = matrix
        .iter()
        .map(|series| {
            (series.labels.get("pod"), series.points.iter().map(|point| point.value).collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(found, [("a", vec![0.0]), ("b", vec![4.0, 6.0])]);
    // Without `group_left` both are one series.
    let query = Query::parse("load * on (service) owner").unwrap();
    let Value::Matrix(matrix) = Evaluator::new(&store).range(&query, range).unwrap().value else { panic!() };
    assert_eq!(matrix.len(), 1);
    // At one moment they are two.
    store.append(&moved("a"), 130_000, 1.0).unwrap();
    let error = Evaluator::new(&store).range(&query, range).unwrap_err();
    assert!(error.to_string().contains("on the right hand-side"), "{error}");
}

#[test]
fn what_nothing_can_match_may_have_duplicates() {
    let store = store(2);
    let gone = labels("gone", "0");
    store.append(&gone, 0, 1.0).unwrap();
    store.append(&gone, 10_000, tower_watch::series::STALE).unwrap();
    for text in ["gone * on () requests_total", "requests_total * on () group_right () gone"] {
        let query = Query::parse(text).unwrap();
        let evaluator = Evaluator::new(&store);
        let error = evaluator.instant(&query, 0).unwrap_err();
        assert!(error.to_string().contains("found duplicate series"), "{text}: {error}");
        let Value::Vector(vector) = evaluator.instant(&query, 10_000).unwrap().value else { panic!() };
        assert_eq!(vector, []);
        let range = TimeRange { start: 0, end: 20_000, step: 10_000 };
        assert!(evaluator.range(&query, range).is_err(), "{text}");
        assert!(evaluator.range(&query, TimeRange { start: 10_000, ..range }).is_ok(), "{text}");
    }
}

#[test]
fn numbers_that_cannot_be_are_shown_as_they_were_written() {
    let store = store(1);
    for (count, said) in [
        ("1e19", "Scalar value 1e+19 overflows int64"),
        ("Inf", "Scalar value +Inf overflows int64"),
        ("NaN", "Parameter value is NaN"),
    ] {
        let error = instant(&store, &format!("topk({count}, requests_total)"), 600).unwrap_err();
        assert_eq!(error.to_string(), said);
    }
    let error = Query::parse("requests_total @ -1e20").unwrap_err();
    assert!(error.message.ends_with(": -100000000000000000000"), "{error}");
}
