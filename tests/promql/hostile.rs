//! Queries that somebody wrote to do harm: short texts whose answers would be large or take long.

use std::time::{Duration, Instant};

use tower_watch::promql::{EvalError, Evaluator, Limits, Output, Query};
use tower_watch::series::{Labels, Store};

fn store(series: usize) -> Store {
    let store = Store::new();
    for index in 0..series {
        let labels = Labels::new([("__name__", "load"), ("instance", &*index.to_string()), ("a", "text")]);
        store.append(&labels, 0, 1.0).unwrap();
    }
    store
}

const BRIEF: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(120);

fn ask(store: &Store, text: &str, within: Duration) -> Result<Output, EvalError> {
    let limits = Limits::new().with_timeout(within);
    Evaluator::new(store).with_limits(limits).instant(&Query::parse(text).unwrap(), 0)
}

#[test]
fn labels_do_not_grow_without_end() {
    let store = store(100);
    let doubled =
        |levels: usize, open: &str, close: &str| open.repeat(levels) + "load" + &close.repeat(levels);
    let replaced = doubled(22, "label_replace(", r#", "a", "$1$1", "a", "(.*)")"#);
    let joined = doubled(22, "label_join(", r#", "a", "", "a", "a")"#);
    let wide = format!(r#"label_replace(load, "a", "{}", "", "")"#, "x".repeat(500_000));
    for text in [replaced, joined, wide] {
        let error = ask(&store, &text, LONG).unwrap_err();
        assert!(error.to_string().contains("33554432 bytes of labels"), "{error}");
    }
    // What somebody would want is far from there.
    let long = format!(r#"label_replace(load, "a", "{}", "", "")"#, "x".repeat(10_000));
    assert!(ask(&store, &long, LONG).is_ok());
}

#[test]
fn a_warning_for_each_moment_is_no_work_for_a_day() {
    let before = Instant::now();
    for text in [
        "max_over_time(quantile(time(), load)[200000s:1s])",
        "max_over_time(histogram_quantile(time(), load)[200000s:1s])",
        "max_over_time(quantile_over_time(time(), load[1s])[200000s:1s])",
    ] {
        if let Ok(answer) = ask(&store(1), text, BRIEF) {
            assert_eq!(answer.annotations.warnings().len(), 1_000);
        }
    }
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
}

#[test]
fn matchers_and_regular_expressions_are_few() {
    let with = |matcher: &str, times: usize| format!("load{{{}}}", matcher.repeat(times));
    let pattern = r#"a!~"(x{1,30}){1,30}","#;
    assert!(Query::parse(&with(pattern, 100)).is_ok());
    assert!(Query::parse(&with(r#"a!="","#, 1_000)).is_ok());
    let before = Instant::now();
    let spread = format!("{0} + {0}", with(pattern, 51));
    for (text, most) in [
        (with(pattern, 2_000), "100 regular expressions"),
        (spread, "100 regular expressions"),
        (with(r#"a!="","#, 150_000), "1000 matchers"),
        (with(r#""a","#, 150_000), "1000 matchers"),
    ] {
        let error = Query::parse(&text).unwrap_err();
        assert!(error.message.contains(&format!("more than {most}")), "{error}");
    }
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
}

#[test]
fn many_small_parts_are_held_to_the_time_too() {
    let part = r#"label_replace(vector(1), "a", "", "b", "(x{1,90}){1,90}")"#;
    let text = (0..10).fold(part.to_owned(), |text, _| format!("({text} or {text})"));
    assert_eq!(ask(&store(1), &text, BRIEF), Err(EvalError::Timeout(BRIEF)));
}

#[test]
fn the_deepest_texts_are_read_on_the_stack_of_a_thread() {
    let ways = [
        ("(", ")"),
        ("-", ""),
        ("clamp(", ", 0, 1)"),
        ("topk(1, ", ")"),
        ("1 + (", ")"),
        ("load + on (instance) ", ""),
        ("load ^ ", ""),
        ("vector(scalar(", "))"),
        ("max_over_time(", "[2s:1s])"),
    ];
    for (before, after) in ways {
        let work = move || {
            let texts = (1..=200).map(|depth| before.repeat(depth) + "load" + &after.repeat(depth));
            let deepest = texts.map_while(|text| Query::parse(&text).ok()).last().unwrap().exact();
            (deepest.to_string(), deepest.prettify())
        };
        std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
    }
}
