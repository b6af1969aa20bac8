//! Texts that would exhaust the stack or take too long.

use std::time::{Duration, Instant};

use tower_watch::promql::Query;

const MANY: usize = 100_000;

#[test]
fn depth_is_bounded_in_every_direction() {
    let deep = [
        "(".repeat(MANY),
        "-".repeat(MANY) + "a",
        "+".repeat(MANY) + "1",
        "abs(".repeat(MANY),
        "sum(".repeat(MANY),
        format!("a{}", " + a".repeat(MANY)),
        format!("a{}", " ^ a".repeat(MANY)),
        format!("a{}", "[1m:]".repeat(MANY)),
        format!("a{}", " or on (x) a".repeat(MANY / 2)),
    ];
    for text in deep {
        let error = Query::parse(&text).unwrap_err();
        let known = error.message.contains("levels") || error.message.starts_with("subquery");
        assert!(known, "{error}");
    }
}

#[test]
fn what_is_not_too_deep_is_read_written_and_dropped() {
    for text in [
        "(".repeat(127) + "a" + &")".repeat(127),
        "-".repeat(127) + "a",
        "a".to_owned() + &" + a".repeat(127),
    ] {
        let query = Query::parse(&text).unwrap();
        assert_eq!(query.to_string(), text);
        let lines = query.prettify();
        assert_eq!(Query::parse(&lines).unwrap().to_string(), text);
    }
    assert!(Query::parse(&("(".repeat(128) + "a" + &")".repeat(128))).is_err());
}

#[test]
fn a_query_has_a_length() {
    let error = Query::parse(&" ".repeat((1 << 20) + 1)).unwrap_err();
    assert!(error.message.contains("1048576"), "{error}");
}

#[test]
fn a_long_text_takes_no_longer_than_its_length() {
    let labels: Vec<String> = (0..40_000).map(|index| format!("l{index}")).collect();
    let long = [
        format!("a{{{}}}", "b=\"c\",".repeat(150_000)),
        format!("a + on({}) group_left({}) b", labels.join(","), labels.join("x,")),
        format!("label_join(a, \"b\", \"c\"{})", ",\"d\"".repeat(250_000)),
        format!("\"{}\"", "\\n".repeat(500_000)),
        "\n".repeat(1 << 19) + "é",
        "1".repeat(1 << 19),
    ];
    for text in long {
        let before = Instant::now();
        if let Ok(query) = Query::parse(&text) {
            let _ = (query.to_string(), query.prettify());
        }
        let took = before.elapsed();
        assert!(took < Duration::from_secs(20), "{took:?} for {}", &text[..40]);
    }
}
