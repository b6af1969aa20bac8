//! Random expressions over the series of [`series`](crate::promql_support::series), as text.
//!
//! They are grown from their types, so that nearly all of them can be parsed, and shrink to smaller ones when a test
//! fails. What would make an answer depend on the last bit of a number (a sine of something huge, a tie in `topk`) is
//! only asked of values that are stored, never of ones that are computed.

use proptest::prelude::*;
use proptest::sample::select;

/// For whom an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Prometheus 2.42 and us: what both know, with ends of ranges that meet no sample.
    Both,
    /// Us alone: also what came with Prometheus 3, all ends and all absurdities.
    Us,
}

/// An expression of any type that can be asked over a range.
pub(crate) fn expression(audience: Audience) -> BoxedStrategy<String> {
    prop_oneof![12 => vector(audience), 1 => scalar(vector(audience))].boxed()
}

/// An expression whose value is a range vector; only an instant query can be that.
pub(crate) fn matrix(audience: Audience) -> BoxedStrategy<String> {
    prop_oneof![range_selector(audience), subquery(audience, selector(audience))].boxed()
}

fn words(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    select(words)
}

const METRICS: &[&str] = &[
    "requests_total",
    "errors_total",
    "temperature",
    "queue",
    "limit",
    "expires_seconds",
    "odd",
    "latency_seconds_count",
    "nothing",
];

const COUNTERS: &[&str] =
    &["requests_total", "errors_total", "latency_seconds_count", "latency_seconds_bucket"];

/// Whose values differ from each other, so that none of them ties.
const DISTINCT: &[&str] = &["queue", "requests_total{code=\"200\"}", "latency_seconds_sum"];

const MATCHERS: &[&str] = &[
    "",
    "",
    "",
    "{}",
    "{job=\"api\"}",
    "{job!=\"api\"}",
    "{job=~\"a.*|web\"}",
    "{job!~\"w.*\"}",
    "{instance=\"a\",job=\"web\"}",
    "{code=~\"4..|5..\"}",
    "{room=\"\"}",
    "{room!=\"\"}",
    "{nothing=\"\"}",
    "{note=~\"(?s).*quoted.*\"}",
    "{job=~\"\"}",
];

const RANGES: &[&str] = &["21s", "1m1s", "2m6s", "5m1s", "17m11s", "1h1s"];
const WILD_RANGES: &[&str] = &["1ms", "7s", "5m", "1h", "10000y", "292y", "0s"];
const OFFSETS: &[&str] = &[
    "",
    "",
    "",
    "",
    " offset 1m",
    " offset -2m3s",
    " offset 40m",
    " @ 1700000400.5",
    " @ 1700001800.5",
    " @ start()",
    " @ end()",
    " @ 1700002400.5 offset 3m",
    " offset 90s @ end()",
];
const WILD_OFFSETS: &[&str] = &[
    " offset 292y",
    " offset -292y",
    " @ 0",
    " @ -9223372036",
    " @ 9223372036",
    " offset 1ms",
    " smoothed",
    " anchored",
];

fn modifier(audience: Audience) -> BoxedStrategy<&'static str> {
    match audience {
        Audience::Both => words(OFFSETS).boxed(),
        Audience::Us => prop_oneof![5 => words(OFFSETS), 1 => words(WILD_OFFSETS)].boxed(),
    }
}

fn range(audience: Audience) -> BoxedStrategy<&'static str> {
    match audience {
        Audience::Both => words(RANGES).boxed(),
        Audience::Us => prop_oneof![5 => words(RANGES), 1 => words(WILD_RANGES)].boxed(),
    }
}

fn selector(audience: Audience) -> BoxedStrategy<String> {
    let parts = (words(METRICS), words(MATCHERS), modifier(audience));
    parts.prop_map(|(metric, matchers, modifier)| format!("{metric}{matchers}{modifier}")).boxed()
}

fn range_selector(audience: Audience) -> BoxedStrategy<String> {
    let parts = (words(METRICS), words(MATCHERS), range(audience), modifier(audience));
    parts
        .prop_map(|(metric, matchers, range, modifier)| format!("{metric}{matchers}[{range}]{modifier}"))
        .boxed()
}

fn counter_selector(audience: Audience) -> BoxedStrategy<String> {
    let parts = (words(COUNTERS), range(audience), modifier(audience));
    parts.prop_map(|(metric, range, modifier)| format!("{metric}[{range}]{modifier}")).boxed()
}

/// Steps are multiples of five seconds and ranges are not, so that no moment of it lies at an end.
fn subquery(audience: Audience, inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let steps: &'static [&'static str] = match audience {
        Audience::Both => &["", "15s", "20s"],
        Audience::Us => &["", "15s", "20s", "1m", "5m", "1s", "1ms", "10000y"],
    };
    let offsets = match audience {
        Audience::Both => words(&["", "", " offset 2m", " @ 1700001800.5", " @ end()"]).boxed(),
        Audience::Us => {
            modifier(audience).prop_filter("not of a subquery", |text| !text.ends_with("ed")).boxed()
        }
    };
    let parts = (inner, range(audience), words(steps), offsets);
    parts.prop_map(|(inner, range, step, offset)| format!("({inner})[{range}:{step}]{offset}")).boxed()
}

/// A number for every moment, as text.
fn scalar(vector: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let number = words(&["0", "1", "2.5", "-1", "0.9", "100", "1e3", "NaN", "Inf", "-Inf", "0x1F"]);
    let simple = prop_oneof![4 => number.prop_map(str::to_owned), 1 => words(&["time()", "pi()"]).prop_map(str::to_owned)];
    let of_vector =
        prop_oneof![6 => simple.clone(), 1 => vector.prop_map(|vector| format!("scalar(sum({vector}))"))];
    let operator = words(&["+", "-", "*", "/", "> bool", "== bool", "^"]);
    let both =
        (of_vector.clone(), operator, simple).prop_map(|(a, operator, b)| format!("({a} {operator} {b})"));
    prop_oneof![4 => of_vector, 1 => both].boxed()
}

fn vector(audience: Audience) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        4 => selector(audience),
        5 => over_time(audience, range_selector(audience)),
        4 => change(audience),
        2 => of_stored_values(audience),
        1 => ranked(audience),
    ];
    leaf.prop_recursive(3, 12, 3, move |inner| grown(audience, &inner.boxed()).boxed()).boxed()
}

fn grown(audience: Audience, inner: &BoxedStrategy<String>) -> impl Strategy<Value = String> + use<> {
    let inner = inner.clone();
    prop_oneof![
        4 => aggregation(inner.clone()),
        3 => with_scalar(inner.clone()),
        3 => between(inner.clone()),
        2 => set_operation(inner.clone()),
        2 => over_time(audience, subquery(audience, inner.clone())),
        2 => of_vector(inner.clone()),
        1 => relabelled(inner.clone()),
        1 => quantile_of_histogram(audience),
        1 => inner.prop_map(|inner| format!("-({inner})")),
    ]
}

fn over_time(audience: Audience, matrix: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let function = words(&[
        "avg_over_time",
        "sum_over_time",
        "min_over_time",
        "max_over_time",
        "count_over_time",
        "last_over_time",
        "present_over_time",
        "stddev_over_time",
        "stdvar_over_time",
        "changes",
        "resets",
        "idelta",
        "delta",
        "deriv",
        "absent_over_time",
    ]);
    let plain = (function, matrix.clone()).prop_map(|(function, matrix)| format!("{function}({matrix})"));
    let quantile = (words(&["0.5", "0", "1", "0.93", "-1", "2", "NaN"]), matrix.clone())
        .prop_map(|(q, matrix)| format!("quantile_over_time({q}, {matrix})"));
    // A range that is fixed predicts differently there.
    let moving = matrix.prop_map(move |matrix| match matrix.split_once(" @ ") {
        Some((before, _)) if audience == Audience::Both => before.to_owned(),
        _ => matrix,
    });
    let predict = (words(&["60", "-60", "3600"]), moving)
        .prop_map(|(seconds, matrix)| format!("predict_linear({matrix}, {seconds})"));
    let counter = change(audience);
    prop_oneof![12 => plain, 2 => quantile, 2 => predict, 1 => counter].boxed()
}

fn change(audience: Audience) -> BoxedStrategy<String> {
    let function = words(&["rate", "increase", "irate", "resets", "changes", "delta"]);
    (function, counter_selector(audience))
        .prop_map(|(function, matrix)| format!("{function}({matrix})"))
        .boxed()
}

/// Functions that a last bit can change, of values without one.
fn of_stored_values(audience: Audience) -> BoxedStrategy<String> {
    let functions = words(&[
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "exp",
        "floor",
        "ceil",
        "round",
        "sgn",
        "timestamp",
    ]);
    let dates = words(&[
        "day_of_month",
        "day_of_week",
        "day_of_year",
        "days_in_month",
        "hour",
        "minute",
        "month",
        "year",
    ]);
    // Whether what is no number has a date is up to the processor there.
    let dated = words(&["expires_seconds", "requests_total", "vector(-1)"]);
    let date = (dates, dated).prop_map(|(function, inner)| format!("{function}({inner})"));
    let function =
        (functions, selector(audience)).prop_map(|(function, inner)| format!("{function}({inner})"));
    let rounded = (selector(audience), words(&["5", "0.5", "0", "-3", "NaN", "Inf"]))
        .prop_map(|(inner, to)| format!("round({inner}, {to})"));
    let remainder = (selector(audience), words(&["%", "atan2"]), words(&["7", "0", "-2.5", "Inf", "NaN"]))
        .prop_map(|(inner, operator, by)| match operator {
            "%" => format!("({inner}) % {by}"),
            _ => format!("abs({inner}) atan2 vector({by})"),
        });
    let counted = selector(audience).prop_map(|inner| format!("count_values(\"value\", {inner})"));
    prop_oneof![6 => function, 2 => date, 1 => rounded, 1 => remainder, 1 => counted].boxed()
}

fn ranked(audience: Audience) -> BoxedStrategy<String> {
    let operator = words(&["topk", "bottomk"]);
    let count = words(&["1", "2", "3", "100", "0", "-1", "1.9"]);
    let grouping = words(&["", " by (job)", " without (instance)"]);
    let parts = (operator, count, grouping, words(DISTINCT), modifier(audience));
    parts
        .prop_map(|(operator, count, grouping, metric, modifier)| {
            format!("{operator}{grouping} ({count}, {metric}{modifier})")
        })
        .boxed()
}

fn aggregation(inner: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let operator = words(&["sum", "avg", "min", "max", "count", "group"]);
    let grouping = words(&[
        "",
        " by (job)",
        " by (job, instance)",
        " without (instance)",
        " by ()",
        " by (room, nothing)",
        " without (le, code)",
    ]);
    let plain = (operator, grouping.clone(), inner.clone())
        .prop_map(|(operator, grouping, inner)| format!("{operator}{grouping} ({inner})"));
    let quantile = (words(&["0.5", "0.99", "0", "1", "-1", "1.5", "NaN"]), grouping.clone(), inner)
        .prop_map(|(q, grouping, inner)| format!("quantile{grouping} ({q}, {inner})"));
    // What is no number alone deviates differently there.
    let deviation = (words(&["stddev", "stdvar"]), grouping, words(&["queue", "requests_total", "limit"]))
        .prop_map(|(operator, grouping, metric)| format!("{operator}{grouping} ({metric})"));
    prop_oneof![6 => plain, 1 => quantile, 1 => deviation]
}

fn with_scalar(inner: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let operator = words(&["+", "-", "*", "/", "^", ">", "<", ">=", "<=", "!=", "> bool", "<= bool"]);
    (inner.clone(), operator, scalar(inner), any::<bool>()).prop_map(|(vector, operator, scalar, first)| {
        if first {
            format!("({vector}) {operator} {scalar}")
        } else {
            format!("{scalar} {operator} ({vector})")
        }
    })
}

fn between(inner: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let operator = words(&["+", "-", "*", "/", ">", "<", "> bool", "<= bool", "!="]);
    let matching = words(&[
        "",
        " on (job, instance)",
        " on (job)",
        " ignoring (code)",
        " ignoring (le, code, room)",
        " on (job) group_left ()",
        " on (job) group_right ()",
        " on (job) group_left (team)",
        " ignoring (code, team) group_left ()",
        " on ()",
    ]);
    let any = (inner.clone(), operator.clone(), matching, inner.clone())
        .prop_map(|(a, operator, matching, b)| format!("({a}) {operator}{matching} ({b})"));
    let aggregated = (inner.clone(), operator.clone(), inner.clone())
        .prop_map(|(a, operator, b)| format!("sum by (job) ({a}) {operator} avg by (job) ({b})"));
    let limited = (inner, operator)
        .prop_map(|(a, operator)| format!("({a}) {operator} on (job) group_left (team) limit"));
    prop_oneof![3 => any, 2 => aggregated, 1 => limited]
}

fn set_operation(inner: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let operator = words(&["and", "or", "unless"]);
    let matching = words(&["", " on (job)", " ignoring (instance)", " on ()"]);
    (inner.clone(), operator, matching, inner)
        .prop_map(|(a, operator, matching, b)| format!("({a}) {operator}{matching} ({b})"))
}

fn of_vector(inner: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let function =
        words(&["abs", "absent", "sqrt", "ln", "log2", "log10", "deg", "rad", "sort", "sort_desc"]);
    let plain = (function, inner.clone()).prop_map(|(function, inner)| format!("{function}({inner})"));
    let clamped = (words(&["clamp_min", "clamp_max"]), inner.clone(), words(&["3", "-1", "NaN", "Inf"]))
        .prop_map(|(function, inner, limit)| format!("{function}({inner}, {limit})"));
    let both = (inner, words(&["0, 10", "5, 1", "NaN, 1", "-Inf, 2"]))
        .prop_map(|(inner, limits)| format!("clamp({inner}, {limits})"));
    prop_oneof![5 => plain, 1 => clamped, 1 => both]
}

fn relabelled(inner: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let rest = words(&[
        "\"place\", \"$1-x\", \"room\", \"(.*)\"",
        "\"job\", \"\", \"job\", \"api\"",
        "\"instance\", \"all\", \"instance\", \".*\"",
        "\"first\", \"$2$1\", \"job\", \"(.)(.*)\"",
        "\"job\", \"${name}!\", \"job\", \"(?P<name>a.*)\"",
    ]);
    let replaced = (inner.clone(), rest).prop_map(|(inner, rest)| format!("label_replace({inner}, {rest})"));
    let joined = (
        inner,
        words(&["\"all\", \"-\", \"job\", \"instance\"", "\"job\", \"\", \"nothing\"", "\"x\", \"\""]),
    )
        .prop_map(|(inner, rest)| format!("label_join({inner}, {rest})"));
    prop_oneof![2 => replaced, 1 => joined]
}

fn quantile_of_histogram(audience: Audience) -> impl Strategy<Value = String> {
    let q = words(&["0.5", "0.9", "0.99", "0", "1", "-1", "2", "NaN"]);
    let buckets = (
        range(audience),
        modifier(audience),
        words(&["", "sum by (le) ", "sum by (le, job) ", "avg without (instance) "]),
    )
        .prop_map(|(range, modifier, sum)| format!("{sum}(rate(latency_seconds_bucket[{range}]{modifier}))"));
    let stored = words(&["broken_bucket", "latency_seconds_bucket", "queue"]).prop_map(str::to_owned);
    (q, prop_oneof![3 => buckets, 1 => stored])
        .prop_map(|(q, buckets)| format!("histogram_quantile({q}, {buckets})"))
}
