//! Random texts: what the grammar's parts put together give, their types right or wrong.

use proptest::prelude::*;

/// What both this parser and the oracle know.
pub(crate) fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => selector(),
        2 => (selector(), duration()).prop_map(|(selector, range)| format!("{selector}[{range}]")),
        2 => prop::sample::select(vec!["1", "0.5", "1e3", "0x1f", "Inf", "nan", "2"]).prop_map(str::to_owned),
        1 => prop::sample::select(vec![r#""text""#, "'a\\n'", "`raw`"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            4 => (inner.clone(), operator(), inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            1 => inner.clone().prop_map(|inner| format!("({inner})")),
            1 => inner.clone().prop_map(|inner| format!("-{inner}")),
            1 => (inner.clone(), duration()).prop_map(|(inner, range)| format!("{inner}[{range}:1m]")),
            1 => (inner.clone(), modifier()).prop_map(|(inner, modifier)| format!("{inner} {modifier}")),
            2 => (function(), inner.clone()).prop_map(|(name, inner)| format!("{name}({inner})")),
            1 => inner.clone().prop_map(|inner| format!("clamp({inner}, 0, 1)")),
            2 => (aggregate(), grouping(), inner.clone())
                .prop_map(|(op, grouping, inner)| format!("{op} {grouping} ({inner})")),
            1 => (aggregate(), grouping(), inner.clone())
                .prop_map(|(op, grouping, inner)| format!("{op}({inner}) {grouping}")),
            1 => (inner.clone(), inner).prop_map(|(a, b)| format!("topk({a}, {b})")),
        ]
    })
}

fn selector() -> impl Strategy<Value = String> {
    let matcher = (
        prop::sample::select(vec!["job", "on", "zone"]),
        prop::sample::select(vec!["=", "!=", "=~", "!~"]),
        prop::sample::select(vec![r#""a""#, r#"'b.*'"#, r#""""#, r#""a\"b\\""#]),
    )
        .prop_map(|(name, op, value)| format!("{name}{op}{value}"));
    let name = prop::sample::select(vec!["up", "a:b", "job", ""]);
    (name, prop::collection::vec(matcher, 0..3), prop::option::of(modifier())).prop_map(
        |(name, matchers, modifier)| {
            let braces = if matchers.is_empty() && !name.is_empty() {
                String::new()
            } else {
                format!("{{{}}}", matchers.join(","))
            };
            format!("{name}{braces} {}", modifier.unwrap_or_default()).trim_end().to_owned()
        },
    )
}

fn duration() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["5m", "1h30m", "90d", "1w2d", "15s", "500ms"])
}

fn modifier() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["offset 5m", "offset -1h", "@ 100", "@ start()", "@ end()"])
}

fn operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "+",
        "-",
        "*",
        "/",
        "%",
        "^",
        "atan2",
        "==",
        "!= bool",
        ">",
        "<= bool",
        "and",
        "or",
        "unless on (job)",
        "+ on (job)",
        "/ ignoring (job)",
        "* on (job) group_left (zone)",
        "* ignoring (job) group_right",
        "and on (job)",
    ])
}

fn function() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["abs", "rate", "sum_over_time", "scalar", "vector", "sort", "absent", "hour"])
}

fn aggregate() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["sum", "avg", "max", "count", "group", "stddev"])
}

fn grouping() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["by (job)", "without (job, zone)", "by ()", ""])
}
