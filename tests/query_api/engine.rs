//! Queries off the path of whoever asks.

use std::sync::Arc;
use std::time::Duration;

use tower_watch::layers::clock::Clock;
use tower_watch::promql::{EvalError, Limits, Point, QueryEngine, QueryError, TimeRange, Value};
use tower_watch::series::{Labels, Store};

use crate::filled::{NOW, engine};

/// Enough work for seconds, in a debug build.
const LONG: &str = "count_over_time(vector(1)[1000d:1s])";

#[tokio::test]
async fn values_and_errors_are_typed() {
    let output = engine().instant("1 + 1", 4_000).await.unwrap();
    assert_eq!(output.value, Value::Scalar(Point { time: 4_000, value: 2.0 }));
    let range = TimeRange { start: (NOW - 60) * 1_000, end: NOW * 1_000, step: 60_000 };
    let Value::Matrix(series) = engine().range("sum(jobs_total)", range).await.unwrap().value else {
        panic!("a range query gives a matrix");
    };
    assert_eq!(series[0].points.iter().map(|point| point.value).collect::<Vec<_>>(), [720.0, 900.0]);
    let unknown = engine().instant("1 +\n nothing_like_this(1)", 0).await;
    assert!(matches!(unknown, Err(QueryError::Parse(error)) if (error.line, error.column) == (2, 2)));
    let many = engine().instant("jobs_total + on (job) jobs_total", NOW * 1_000).await;
    assert!(matches!(many, Err(QueryError::Eval(EvalError::Execution(_)))), "{many:?}");
}

/// No runtime, no timer, no thread of anybody else.
#[test]
fn it_needs_no_runtime() {
    let mut answer = std::pin::pin!(async { engine().instant("1", 0).await });
    let waker = std::task::Waker::noop();
    let mut context = std::task::Context::from_waker(waker);
    let started = std::time::Instant::now();
    let output = loop {
        if let std::task::Poll::Ready(output) = answer.as_mut().poll(&mut context) {
            break output;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "never: the answer");
        std::thread::yield_now();
    };
    assert_eq!(output.unwrap().value, Value::Scalar(Point { time: 0, value: 1.0 }));
}

#[tokio::test]
async fn a_long_query_is_stopped_by_its_timeout() {
    let limits = Limits::new().with_timeout(Duration::from_millis(50)).with_max_samples(usize::MAX);
    let engine = QueryEngine::new(Arc::new(Store::new())).with_limits(limits);
    let error = engine.instant(LONG, NOW * 1_000).await.unwrap_err();
    assert_eq!(error, QueryError::Eval(EvalError::Timeout(Duration::from_millis(50))));
}

/// One turn: the second gets it only if the first was stopped when nobody waited for it any more.
#[tokio::test]
async fn a_dropped_query_gives_its_turn_back() {
    let limits = Limits::new().with_timeout(Duration::from_secs(600)).with_max_samples(usize::MAX);
    let engine = QueryEngine::new(Arc::new(Store::new())).with_limits(limits).with_concurrency(1);
    let long = tokio::time::timeout(Duration::from_millis(100), engine.instant(LONG, NOW * 1_000)).await;
    assert!(long.is_err(), "the query should have taken longer: {long:?}");
    let next = tokio::time::timeout(Duration::from_secs(20), engine.instant("1", 0)).await;
    assert!(next.is_ok_and(|answer| answer.is_ok()));
}

#[tokio::test]
async fn who_waited_too_long_for_a_turn_is_told() {
    let (clock, hand) = Clock::fake();
    let store = Arc::new(Store::new());
    let limits = Limits::new().with_timeout(Duration::from_secs(10)).with_max_samples(usize::MAX);
    let engine = QueryEngine::new(store).with_limits(limits).with_clock(clock).with_concurrency(1);
    let first = tokio::spawn({
        let engine = engine.clone();
        async move { engine.instant(LONG, NOW * 1_000).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let second = tokio::spawn({
        let engine = engine.clone();
        async move { engine.instant("1", 0).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    hand.advance(Duration::from_secs(11));
    let timeout = QueryError::Eval(EvalError::Timeout(Duration::from_secs(10)));
    assert_eq!(first.await.unwrap(), Err(timeout.clone()), "the first computed too long");
    assert_eq!(second.await.unwrap(), Err(timeout), "the second waited too long");
    assert!(engine.instant("1", 0).await.is_ok());
}

/// A thousand at once are answered, four at a time.
#[tokio::test]
async fn many_queries_take_turns() {
    let store = Store::new();
    store.append(&Labels::new([("__name__", "one")]), 0, 1.0).unwrap();
    let engine = QueryEngine::new(Arc::new(store));
    let asked: Vec<_> = (0..1000)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { engine.instant("one", 0).await })
        })
        .collect();
    for answer in asked {
        assert!(matches!(answer.await.unwrap().unwrap().value, Value::Vector(samples) if samples.len() == 1));
    }
}
