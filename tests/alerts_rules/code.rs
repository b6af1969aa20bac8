//! Rules in code.

use std::time::Duration;

use tower_watch::alert::rules::{AlertingRule, IntoRules, MetricRule, Rule, RuleGroup, RuleSet};
use tower_watch::alert::{Alert, Severity};
use tower_watch::promql::Query;

const MINUTE: Duration = Duration::from_secs(60);

fn one(rule: impl IntoRules) -> AlertingRule {
    let mut groups = rule.into_rules().unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(groups.len(), 1);
    let Rule::Alerting(rule) = groups.remove(0).rules.remove(0) else { panic!("no alert") };
    rule
}

fn problems(rule: impl IntoRules) -> Vec<String> {
    rule.into_rules().unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn a_rule_in_promql_is_that_of_a_file() {
    let built = one(Alert::rule("HighErrorRate")
        .when("sum(rate(a_total[5m])) > 0.05")
        .for_(2 * MINUTE)
        .keep_firing_for(5 * MINUTE)
        .severity(Severity::Critical)
        .label("team", "shop")
        .annotate("summary", "{{ $value }}"));
    let text = "groups: [{name: g, rules: [{alert: HighErrorRate, expr: 'sum(rate(a_total[5m])) > 0.05', for: 2m, keep_firing_for: 5m, labels: {severity: critical, team: shop}, annotations: {summary: '{{ $value }}'}}]}]";
    let mut read = one(RuleGroup::from_yaml(text));
    read.origin = built.origin;
    assert_eq!(built, read);
}

#[test]
fn metrics_become_expressions() {
    let metric = || Alert::metric("m_total");
    for (rule, name, expr) in [
        (metric().rate().above(1.0), "MRateHigh", "sum(rate(m_total[5m])) > 1"),
        (metric().increase().over(10 * MINUTE).below(1.0), "MIncreaseLow", "sum(increase(m_total[10m])) < 1"),
        (
            metric().rate().by(["tenant"]).matching("status", "5*").above(0.5),
            "MRateHigh",
            "sum by (tenant) (rate(m_total{status=~\"5.*\"}[5m])) > 0.5",
        ),
        (Alert::metric("queue").equals(0.0), "QueueReached", "queue == 0"),
        (Alert::metric("queue").by(["name"]).below(5.0), "QueueLow", "min by (name) (queue) < 5"),
        (Alert::metric("queue").max().above(5.0).named("Full"), "Full", "max(max_over_time(queue[5m])) > 5"),
        (Alert::metric("queue").sum().above(5.0), "QueueSumHigh", "sum(queue) > 5"),
        (Alert::metric("queue").absent().matching("a", "b"), "QueueAbsent", "absent(queue{a=\"b\"})"),
        (
            Alert::metric("http_request_duration").percentile(99.0).above(0.5).on(["/a", "/b/{id}"]),
            "HttpRequestDurationP99High",
            "histogram_quantile(0.99, sum by (le, endpoint) (rate(http_request_duration_seconds_bucket{endpoint=~\"/a|/b/\\\\{id\\\\}\"}[5m]))) > 0.5",
        ),
        (
            metric().ratio_of("misses_total", "reads_total").above(0.8),
            "MissesRatioOfReadsTotalHigh",
            "sum(rate(misses_total[5m])) / sum(rate(reads_total[5m])) > 0.8",
        ),
        (
            metric().ratio_of("used_bytes", "max_bytes").above(0.9),
            "UsedRatioOfMaxBytesHigh",
            "sum(used_bytes) / sum(max_bytes) > 0.9",
        ),
        (
            metric().rate().above(1.0).by(["a", "b"]).and(Alert::metric("n").above(2.0).by(["b", "c"])),
            "MRateHigh",
            "(sum by (a, b) (rate(m_total[5m])) > 1) and on (b) (max by (b, c) (n) > 2)",
        ),
    ] {
        let built = one(rule);
        assert_eq!((built.name.as_str(), built.query.text()), (name, expr));
        assert_eq!(built.query, Query::parse(expr).unwrap().exact(), "{expr}");
    }
}

#[test]
fn a_threshold_of_the_end_is_a_query_of_its_own() {
    let keep = |rule: MetricRule| one(rule).keep_query.map(|query| query.text().to_owned());
    let queue = || Alert::metric("queue");
    assert_eq!(keep(queue().above(10.0)), None);
    assert_eq!(keep(queue().above(10.0).resolve_below(8.0)).as_deref(), Some("queue >= 8"));
    assert_eq!(keep(queue().below(10.0).resolve_above(12.0)).as_deref(), Some("queue <= 12"));
    let both = queue().above(10.0).resolve_below(8.0).and(Alert::metric("up").equals(1.0));
    assert_eq!(keep(both).as_deref(), Some("(queue >= 8) and on () (up == 1)"));
    let text = one(Alert::rule("A").when("a > 5").keep_while("a > 3"));
    assert_eq!(text.keep_query.map(|query| query.text().to_owned()).as_deref(), Some("a > 3"));
}

#[test]
fn what_cannot_be_is_told_with_the_rule_and_the_place() {
    for (rule, expected) in [
        (Alert::rule("A"), "rule \"A\": the rule has no condition; say `.when(...)`"),
        (Alert::rule("").when("up"), "the rule has no name"),
        (Alert::rule("A").when("sum(up"), "rule \"A\": when(\"sum(up\"): 1:4: unclosed left parenthesis"),
        (
            Alert::rule("A").when("up[5m]"),
            "rule \"A\": when(\"up[5m]\"): this is a matrix, and a rule needs a vector or a scalar",
        ),
        (
            Alert::rule("A").when("rate(a_total[5m]) < 0"),
            "rule \"A\": when: 1:1: `rate(a_total[5m]) < 0` can never hold: `rate(a_total[5m])` is never less than 0; change the threshold",
        ),
        (
            Alert::rule("A").when("up == 0").keep_while("up == 2"),
            "rule \"A\": keep_while: 1:1: `up == 2` can never hold: `up` is always between 0 and 1; change the threshold",
        ),
        (
            Alert::rule("A").when("up").annotate("1a", "b"),
            "rule \"A\": annotate: \"1a\" is no label name: it has to be letters, digits and `_`, and no digit first (UTF-8 names of Prometheus 3 are not supported)",
        ),
        (
            Alert::rule("A").when("up").every(Duration::ZERO),
            "rule \"A\": every: the interval has to be longer than nothing",
        ),
    ] {
        assert_eq!(problems(rule), [expected]);
    }
    let queue = || Alert::metric("queue");
    for (rule, expected) in [
        (queue(), "it has no threshold; say `.above(...)`, `.below(...)` or `.equals(...)`"),
        (queue().absent().above(1.0), "what is absent has no value to compare; leave the threshold out"),
        (queue().above(f64::NAN), "the threshold is no number, so it can never be crossed"),
        (queue().percentile(950.0).above(1.0), "the percentile 950 is not between 0 and 100"),
        (
            queue().above(5.0).resolve_below(6.0),
            "it fires above 5 and ends below 6; the end has to be 5 or less",
        ),
        (
            queue().below(5.0).resolve_above(4.0),
            "it fires below 5 and ends above 4; the end has to be 5 or more",
        ),
        (queue().above(5.0).resolve_above(6.0), "`resolve_above` goes with `below` only"),
        (
            Alert::error_ratio().above(5.0),
            "an error ratio is not above 5: it is a share; for 5 percent write 5% or 0.05",
        ),
    ] {
        let said = problems(rule);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].ends_with(&format!("\": {expected}")), "{said:?}");
    }
}

#[test]
fn a_set_tells_all_problems_and_puts_groups_together() {
    let mut set = RuleSet::new();
    set.add(Alert::rule("A").when("up == 0"));
    set.add(Alert::rule("B").when("up == 0").every(MINUTE));
    set.add(Alert::rule("C").when("up == 0").enabled(false));
    set.add("queue_depth > 5");
    let groups = set.clone().finish().unwrap();
    let names: Vec<(&str, Option<Duration>, usize)> =
        groups.iter().map(|group| (group.name.as_str(), group.interval, group.rules.len())).collect();
    assert_eq!(names, [("code", None, 2), ("code: B", Some(MINUTE), 1)]);
    set.add(Alert::rule("D")).add("queue_depth").add(Alert::rule("E").when("up <").enabled(false));
    let said = set.finish().unwrap_err().to_string();
    assert_eq!(said.lines().count(), 3, "{said}");
    assert!(said.contains("1:12: in \"queue_depth\": here a comparison"), "{said}");
}
