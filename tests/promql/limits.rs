//! Queries that ask for too much, by mistake or on purpose, and labels that are hard to write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tower_watch::layers::clock::Clock;
use tower_watch::promql::{EvalError, Evaluator, Limits, Query, TimeRange, Value};
use tower_watch::series::{Labels, Store};

const YEAR: i64 = 365 * 24 * 3_600_000;

/// Ten seconds at least on any machine, where nobody stops it: each of 10,000 windows has thousands of samples to
/// sort.
const ENDLESS: &str = "quantile_over_time(0.5, busy[3h])";
const WHOLE: TimeRange = TimeRange { start: 0, end: 10_000_000, step: 1_000 };

fn busy() -> Store {
    let store = Store::new();
    for series in ["a", "b", "c", "d"] {
        let labels = Labels::new([("__name__", "busy"), ("series", series)]);
        for second in 0..10_000i64 {
            store.append(&labels, second * 1_000, (second * 7_919 % 10_007) as f64).unwrap();
        }
    }
    store
}

fn parse(text: &str) -> Query {
    Query::parse(text).unwrap()
}

#[test]
fn a_timeout_ends_a_query_that_computes() {
    let (store, limit) = (busy(), Duration::from_millis(50));
    let evaluator = Evaluator::new(&store).with_limits(Limits::new().with_timeout(limit));
    let began = Instant::now();
    assert_eq!(evaluator.range(&parse(ENDLESS), WHOLE), Err(EvalError::Timeout(limit)));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn a_timeout_is_measured_by_the_given_clock() {
    let (store, (clock, hand)) = (busy(), Clock::fake());
    let evaluator = Evaluator::new(&store).with_clock(clock);
    let done = AtomicBool::new(false);
    let answer = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                hand.advance(Duration::from_secs(1));
                thread::yield_now();
            }
        });
        let answer = evaluator.range(&parse(ENDLESS), WHOLE);
        done.store(true, Ordering::Relaxed);
        answer
    });
    assert_eq!(answer, Err(EvalError::Timeout(Duration::from_secs(10))));
}

#[test]
fn a_query_ends_soon_after_its_asker_has_gone() {
    let (store, cancel) = (busy(), Arc::new(AtomicBool::new(false)));
    let limits = Limits::new().with_timeout(Duration::from_secs(3_600));
    let evaluator = Evaluator::new(&store).with_limits(limits).with_cancel(Arc::clone(&cancel));
    let began = Instant::now();
    let answer = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(20));
            cancel.store(true, Ordering::Relaxed);
        });
        evaluator.range(&parse(ENDLESS), WHOLE)
    });
    assert_eq!(answer, Err(EvalError::Canceled));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn a_year_in_milliseconds_is_refused_at_once() {
    let store = busy();
    let evaluator = Evaluator::new(&store);
    let year = TimeRange { start: 0, end: YEAR, step: 1 };
    assert_eq!(evaluator.range(&parse("busy"), year), Err(EvalError::TooManyPoints(11_000)));
    for text in [
        "sum_over_time(vector(1)[1y:1ms])",
        "max_over_time(busy[1y:1ms])",
        "absent_over_time(nothing[1y:1ms])",
        "max_over_time(max_over_time(busy[1h:1s])[1y:1s])",
    ] {
        let began = Instant::now();
        let answer = evaluator.instant(&parse(text), 10_000_000);
        assert_eq!(answer, Err(EvalError::TooManySamples(5_000_000)), "{text}");
        assert!(began.elapsed() < Duration::from_secs(3), "{text}: {:?}", began.elapsed());
    }
}

#[test]
fn ten_thousand_years_are_too_long_to_be_written() {
    for text in ["busy[10000y]", "busy offset 10000y", "busy[5m:10000y]", "busy @ 1e300"] {
        let error = Query::parse(text).unwrap_err().to_string();
        assert!(error.contains("1:"), "{text}: {error}");
    }
}

#[test]
fn a_regular_expression_is_bounded_in_size_and_time() {
    let store = Store::new();
    let long = "x".repeat(50_000);
    store.append(&Labels::new([("__name__", "odd"), ("note", &*long)]), 0, 1.0).unwrap();
    let error = Query::parse(r#"odd{note=~"((a{1000}){1000}){1000}"}"#).unwrap_err().to_string();
    assert!(error.contains("a{1000}"), "{error}");
    let replace = r#"label_replace(odd, "x", "$1", "note", "((x{1000}){1000}){1000}")"#;
    let refused = Query::parse(replace).map(|query| Evaluator::new(&store).instant(&query, 0));
    assert!(!matches!(refused, Ok(Ok(_))), "{refused:?}");
    // Engines that go back take longer for these than the sun will shine.
    for pattern in ["(x+x+)+y", "(x*)*y", "(x|x)*y", "(.*)(.*)(.*)(.*)y", "(?:x?){200}y"] {
        let began = Instant::now();
        for text in [
            format!("odd{{note=~\"{pattern}\"}}"),
            format!("label_replace(odd, \"note\", \"new\", \"note\", \"{pattern}\") == 2"),
        ] {
            let output = Evaluator::new(&store).instant(&parse(&text), 0).unwrap();
            assert_eq!(output.value, Value::Vector(Vec::new()), "{text}");
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{pattern}: {:?}", began.elapsed());
    }
}

#[test]
fn every_label_can_be_asked_for() {
    let values =
        ["\"", "'", "`", "\\", "\\n", "a\nb", "\t\r\0", "🦀", "é\u{301}", "{}", "\"}) or vector(1) #", " "];
    let store = Store::new();
    for value in values {
        store.append(&Labels::new([("__name__", "odd"), ("note", value)]), 0, 1.0).unwrap();
    }
    for value in values {
        let quoted: String = value
            .chars()
            .map(|letter| match letter {
                '"' | '\\' => format!("\\{letter}"),
                '\n' => "\\n".to_owned(),
                '\0' => "\\x00".to_owned(),
                other => other.to_string(),
            })
            .collect();
        for text in [
            format!("odd{{note=\"{quoted}\"}}"),
            format!("sum by (note) (odd{{note=\"{quoted}\"}})"),
            format!(
                "odd and on (note) label_replace(vector(1), \"note\", \"{}\", \"\", \"\")",
                quoted.replace('$', "$$")
            ),
            format!(
                "label_join(odd{{note=\"{quoted}\"}}, \"note\", \"\", \"nothing\", \"note\", \"nothing\")"
            ),
        ] {
            // Once as it is written here, and once as the query writes itself.
            for query in [parse(&text), parse(&parse(&text).to_string())] {
                let Value::Vector(found) = Evaluator::new(&store).instant(&query, 0).unwrap().value else {
                    panic!()
                };
                let notes: Vec<_> = found.iter().map(|sample| sample.labels.get("note")).collect();
                assert_eq!(notes, [value], "{text}");
            }
        }
    }
    let all = Evaluator::new(&store).instant(&parse("count by (note) (odd{note=~\"(?s).+\"})"), 0).unwrap();
    assert!(matches!(all.value, Value::Vector(found) if found.len() == values.len()));
}
