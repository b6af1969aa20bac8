//! Texts and their canonical form, on one line and over several.

use tower_watch::promql::{Expr, Extension, Query};

/// What is written, and what it is written as again; `=` where it is the same.
const CANONICAL: &[(&str, &str)] = &[
    // Numbers.
    ("1", "="),
    ("1.", "1"),
    (".5", "0.5"),
    ("5e-3", "0.005"),
    ("1e3", "1000"),
    ("0x1f", "31"),
    ("0X_1f", "31"),
    ("010", "8"),
    ("08", "8"),
    ("1_000.5", "1000.5"),
    ("-0", "="),
    ("+1", "1"),
    ("- -1", "1"),
    ("Inf", "+Inf"),
    ("Inf ^ 2", "="),
    ("-iNf", "-Inf"),
    ("nan", "NaN"),
    (
        "1e300",
        "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    ),
    ("9223372036854775808", "9223372036854776000"),
    ("5m + 1", "="),
    ("-1h30m", "="),
    ("90d", "="),
    ("1y2w3d4h5m6s7ms", "382d4h5m6s7ms"),
    ("365d", "1y"),
    ("14d", "2w"),
    // Strings.
    (r#""double \"quoted\" \\ \n""#, "="),
    (r"'single \'quoted\' é'", r#""single 'quoted' é""#),
    (r"`raw \ string`", r#""raw \\ string""#),
    (r#""\x41\101\u0041\U00000041\xc3\xa9""#, r#""AAAAé""#),
    (r#""\a\b\f\v\t\r\x01\x7f\u00a0\ufffd""#, r#""\a\b\f\v\t\r\x01\x7f\u00a0\ufffd""#),
    // Selectors.
    ("up", "="),
    ("job:up:sum", "="),
    (":", "="),
    ("up{}", "up"),
    (r#"up { job = 'a' , zone != "b" , }"#, r#"up{job="a",zone!="b"}"#),
    (r#"up{zone=~"b.*",job!~"a"}"#, r#"up{job!~"a",zone=~"b.*"}"#),
    (r#"{__name__="up"}"#, "="),
    (r#"{"my.metric", "label.x"="v", on="x"}"#, r#"{"label.x"="v",__name__="my.metric",on="x"}"#),
    (r#"{"up"}"#, r#"{__name__="up"}"#),
    (r#"{"0"="1"}"#, "="),
    (r#"{"_0"="1"}"#, r#"{_0="1"}"#),
    (r#"up{job="a", job=~"b"}"#, r#"up{job="a",job=~"b"}"#),
    ("sum", "="),
    ("sum{by=\"x\"}", "="),
    ("offset offset 5m", "="),
    ("and and and", "="),
    ("by + without - start / end * anchored % smoothed", "="),
    ("limitk + fill + step + range + info", "="),
    // Ranges, subqueries and modifiers.
    ("up[5m]", "="),
    ("up[ 300 ]", "up[5m]"),
    ("up[+1.5]", "up[1s500ms]"),
    ("up[1h30m] OFFSET -5m @ 1.5", "up[1h30m] @ 1.500 offset -5m"),
    ("up @ 1609746000 offset 5m", "up @ 1609746000.000 offset 5m"),
    ("up @ -1", "up @ -1.000"),
    ("up @ +0x10", "up @ 16.000"),
    ("up @ start()", "="),
    ("up @ END ( )", "up @ end()"),
    ("up offset 300", "up offset 5m"),
    ("up offset +5m", "up offset 5m"),
    ("up offset 0s", "up"),
    ("up anchored", "="),
    ("up smoothed offset 5m @ 1", "up @ 1.000 smoothed offset 5m"),
    ("rate(up[5m] anchored)", "="),
    ("changes(up[5m] offset 1m anchored)", "changes(up[5m] anchored offset 1m)"),
    ("increase((up[5m] SMOOTHED))", "increase((up[5m] smoothed))"),
    ("up[1h:]", "="),
    ("up[ 1h : 1m ] offset 5m @ end()", "up[1h:1m] @ end() offset 5m"),
    ("rate(up[5m])[1h:60]", "rate(up[5m])[1h:1m]"),
    ("sum(a @ 100s)", "sum(a @ 100.000)"),
    // Operators.
    ("1 + 2 * 3 ^ 4 ^ 5", "="),
    ("-a ^ 2", "="),
    ("-1 ^ 2", "="),
    ("2 ^ -1", "="),
    ("2 ^ -3 * 4", "="),
    ("--a", "="),
    ("+(1)", "="),
    ("a % b atan2 c", "="),
    ("a == BOOL 1", "a == bool 1"),
    ("1 > bool 2", "="),
    ("a AND b oR c UNLESS d", "a and b or c unless d"),
    ("a + on() b", "a + on () b"),
    ("a + ignoring() b", "a + b"),
    ("a + on(x, y,) b", "a + on (x, y) b"),
    ("a / ignoring(x) group_left b", "a / ignoring (x) group_left () b"),
    ("a == bool on(x) group_right(y, \"z.z\") b", "a == bool on (x) group_right (y, \"z.z\") b"),
    ("a / ignoring(x) group_left(x) b", "a / ignoring (x) group_left (x) b"),
    ("1 + on() a", "1 + a"),
    ("a and on(x) b", "a and on (x) b"),
    ("a + fill", "="),
    // Aggregations and calls.
    ("sum(a)", "="),
    ("sum by () (a)", "sum(a)"),
    ("SUM(a) BY (x, \"y.y\", on,)", "sum by (x, \"y.y\", on) (a)"),
    ("sum without(and)(a)", "sum without (and) (a)"),
    ("sum without () (a)", "="),
    ("topk(5, a) by (x)", "topk by (x) (5, a)"),
    ("count_values(\"v\", a)", "="),
    ("quantile(0.5, a)", "="),
    ("time()", "="),
    ("hour()", "="),
    ("round(a, 2)", "="),
    ("label_join(a, \"x\", \",\")", "="),
    ("label_join(a, \"x\", \",\", \"b\", \"c\")", "="),
    ("predict_linear(a[1h], 1h)", "="),
    // Blanks and comments.
    ("# before\na # after\r\n\t+ b # last", "a + b"),
];

#[test]
fn a_text_has_one_canonical_form() {
    for (text, canonical) in CANONICAL {
        let canonical = if *canonical == "=" { text } else { canonical };
        let query = Query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(query.to_string(), *canonical, "of {text}");
        let again = Query::parse(canonical).unwrap_or_else(|error| panic!("{canonical}: {error}"));
        assert_eq!(again.to_string(), *canonical);
        assert_eq!(query.text(), *text);
    }
}

#[test]
fn what_is_long_is_split() {
    let long = "sum by (job, instance) (rate(http_requests_total{code=~\"5..\",method=\"GET\"}[5m] offset 1h)) / on (job) group_left () topk(5, -(some_metric_with_a_name + another_metric_with_a_much_longer_name_than_the_first_one + the_third_of_them))";
    let pretty = r#"  sum by (job, instance) (rate(http_requests_total{code=~"5..",method="GET"}[5m] offset 1h))
/ on (job) group_left ()
  topk(
    5,
    -(
        some_metric_with_a_name + another_metric_with_a_much_longer_name_than_the_first_one
      +
        the_third_of_them
    )
  )"#;
    let query = Query::parse(long).unwrap();
    assert_eq!(query.prettify(), pretty);
    assert_eq!(Query::parse(pretty).unwrap().to_string(), query.to_string());
    assert_eq!(Query::parse(" a+b ").unwrap().prettify(), "a + b");
}

#[test]
fn a_text_of_a_hundred_bytes_is_not_split() {
    for (length, lines) in [(96, 1), (97, 3)] {
        let query = Query::parse(&format!("abs({})", "a".repeat(length - 1))).unwrap();
        assert_eq!(query.to_string().len(), length + 4);
        assert_eq!(query.prettify().lines().count(), lines);
    }
}

#[test]
fn exact_is_put_where_a_rate_is_taken_and_nothing_is_said_yet() {
    let text = "rate(a[5m]) + increase((b[5m])) + delta(c[5m] anchored) + deriv(d[5m]) + max_over_time(rate(e[1m])[5m:])";
    let query = Query::parse(text).unwrap().exact();
    let mut found = Vec::new();
    query.expr().visit(&mut |expr| {
        if let Expr::Matrix(matrix) = expr {
            found.push((matrix.selector.name.clone().unwrap(), matrix.selector.extension));
        }
    });
    let exact = Some(Extension::Exact);
    let wanted = [("a", exact), ("b", exact), ("c", Some(Extension::Anchored)), ("d", None), ("e", exact)];
    assert_eq!(found, wanted.map(|(name, extension)| (name.to_owned(), extension)));
    assert_eq!(query.to_string(), text);
}
