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
    "a # comment",
];

/// Texts on which they differ, whether they are read here, and why.
const DIFFERENT: &[(&str, bool, &str)] = &[];

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
    for (text, _, _) in DIFFERENT {
        println!("XX {text} {} {}", read_here(text), read_there(text));
    }
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
