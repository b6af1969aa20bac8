//! The promql-parser crate as a second opinion: both read, and both refuse, the same texts.

use proptest::prelude::*;
use tower_watch::promql::Query;

use crate::grammar::random;

/// Texts on which both agree, whichever way.
const AGREED: &[&str] = &[
    "1 + 2 * 3 ^ 4",
    "-a ^ 2",
    "up{job=\"a\",zone!~\"b|c\"}",
    "{__name__=~\"up|down\"}",
    "{}",
    "{a=~\".*\"}",
    "a{b=\"c\"}[5m] offset -1h @ start()",
    "a[1h:] @ end() offset 5m",
    "a[5m][1h:]",
    "rate(a[5m])[1h:1m]",
    "sum by (a, b,) (c)",
    "sum(c) without ()",
    "sum by (a) (c) by (b)",
    "topk(5, a)",
    "topk(a)",
    "topk(\"5\", a)",
    "count_values(\"x\", a)",
    "a + on (x) group_left (y) b",
    "a + on (x) group_left (x) b",
    "a and ignoring (x) group_left (x) b",
    "a + bool b",
    "a > bool b",
    "1 > 2",
    "1 > bool 2",
    "1 and a",
    "\"a\" + 1",
    "abs(a, b)",
    "abs(a,)",
    "round(a, 5)",
    "hour()",
    "label_replace(a, \"x\", \"$1\", \"y\", \"(.*)\")",
    "no_such_function(a)",
    "a offset 5m offset 6m",
    "(a) offset 5m",
    "(a)[5m]",
    "a @ 1 @ 2",
    "a[5m1h]",
    "a[0s]",
    "a {b=\"c\" or d=\"e\"",
    "sum",
    "sum{a=\"b\"}",
    "a atan2 b",
    "1 +",
    "(1",
    "1)",
    "rate(a[300])",
    "5m + 1",
    "a offset 300",
    "a offset +5m",
    r#"{"my.metric"}"#,
    r#"a{"b.c"="d"}"#,
    r#"sum by ("b.c") (a)"#,
    "0x1f",
    "010",
    "a @ 100s",
    "a[5m+1m]",
    r#"a{b=~"("}"#,
    "sum by (a:b) (c)",
    "sum by (without) (a)",
    r#"a{"b"}"#,
    "end + start",
    "limitk + fill",
    "a[1h : 1m]",
    "-1 ^ 2",
    "08",
    "1 + on() a",
    "1 + on(x) a",
    "a or on(x) group_left b",
    "SUM(a)",
    "a AND b",
    "1y2w",
    r#"label_join(a, "x")"#,
    r#"a{b="c",,}"#,
    "a{,}",
    "sum(a) by (a,,b)",
    r#"{__name__="a",__name__="b"}"#,
    "a @ Inf",
    "a == b == c",
    "rate(a)",
    "-a[5m]",
    r#"-"a""#,
    r#"{""="x"}"#,
    "bool",
    "on",
    "nan",
    "+Inf",
    "a{b=`c`}",
    "a[ 5m ]",
    "a @ start() [5m]",
    "a # comment",
];

/// Texts on which they differ, whether they are read here, and why.
const DIFFERENT: &[(&str, bool, &str)] = &[
    ("a offset 0s", true, "an offset of nothing is one in Prometheus too"),
    ("1_000", true, "Prometheus allows underscores between digits"),
    ("a anchored", true, "the oracle has no extended range selectors"),
    ("rate(a[5m] smoothed)", true, "the oracle has no extended range selectors"),
    ("limitk(1, a)", false, "experimental"),
    ("info(a)", false, "experimental"),
    ("start()", false, "experimental"),
    ("min_of(1, 2)", false, "experimental"),
    ("a + fill(0) b", false, "experimental"),
    (r#"sort_by_label(a, "b")"#, false, "experimental"),
    ("mad_over_time(a[5m])", false, "experimental"),
    ("histogram_sum(a)", false, "for native histograms"),
    (r#""\xff""#, false, "labels are UTF-8 here"),
    (r#"a{b="c" or d="e"}"#, false, "Prometheus has no such selectors"),
    ("1e999", false, "Prometheus refuses what does not fit"),
    ("a[300y]", false, "Prometheus refuses what does not fit"),
];

fn read_here(text: &str) -> bool {
    Query::parse(text).is_ok()
}

fn read_there(text: &str) -> bool {
    promql_parser::parser::parse(text).is_ok()
}

#[test]
fn both_agree() {
    let differ: Vec<&&str> = AGREED.iter().filter(|text| read_here(text) != read_there(text)).collect();
    assert!(differ.is_empty(), "{differ:#?}");
}

#[test]
fn the_differences_are_known() {
    for (text, here, why) in DIFFERENT {
        assert_eq!((read_here(text), read_there(text)), (*here, !here), "{text}: {why}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn both_agree_on_random_texts(text in random::expression()) {
        prop_assert_eq!(read_here(&text), read_there(&text), "here: {:?}", Query::parse(&text).err());
    }
}
