//! From inactive to pending to firing to resolved.

use super::harness::{Harness, alert, group, labels, minutes, one, record, said};
use crate::alert::Status;
use crate::alert::evaluation::board::RuleHealth;
use crate::alert::rules::Rule;
use crate::alert::state::Writes;

const DOWN: &str = "{alertname=\"Down\", job=\"a\", service=\"shop\"}";

#[test]
fn a_condition_has_to_hold_for_as_long_as_the_rule_says() {
    let mut rule = alert("Down", "up == 0");
    rule.for_ = minutes(2);
    let mut harness = Harness::new(one(rule));
    // Value, state and age; what is told.
    for (value, active, told) in [
        (1.0, None, None),
        (0.0, Some(("pending", 0)), None),
        (0.0, Some(("pending", 60)), None),
        (1.0, None, None),
        (0.0, Some(("pending", 0)), None),
        (0.0, Some(("pending", 60)), None),
        (0.0, Some(("firing", 120)), Some(Status::Firing)),
        (0.0, Some(("firing", 180)), Some(Status::Firing)),
        (1.0, None, Some(Status::Resolved)),
        (1.0, None, None),
        (0.0, Some(("pending", 0)), None),
    ] {
        let news = harness.step(&[("up{job=\"a\"}", value)]);
        let expected: Vec<_> =
            active.iter().map(|(state, age)| ("{job=\"a\"}".to_owned(), *state, *age)).collect();
        assert_eq!(harness.active(), expected);
        let told: Vec<_> = told.into_iter().map(|status| (status, DOWN.to_owned())).collect();
        assert_eq!(said(&news, harness.now), told);
    }
}

#[test]
fn an_alert_says_where_it_comes_from_since_when_and_what_it_was_worth() {
    let mut harness = Harness::new(one(alert("Deep", "depth > 10")));
    let news = harness.step(&[("depth{queue=\"mail\"}", 12.5)]);
    let began = harness.now;
    assert_eq!((news[0].starts_at, news[0].ends_at, news[0].value), (began, None, Some(12.5)));
    assert_eq!(news[0].generator_url, "http://shop:9901/graph?g0.expr=depth+%3E+10&g0.tab=1");
    let news = harness.step(&[("depth{queue=\"mail\"}", 3.0)]);
    assert_eq!((news[0].starts_at, news[0].ends_at, news[0].value), (began, Some(harness.now), Some(3.0)));
}

#[test]
fn an_end_without_a_value_has_the_last_one() {
    let mut harness = Harness::new(one(alert("Deep", "depth > 10")));
    harness.step(&[("depth{queue=\"mail\"}", 12.5)]);
    harness.pass(1);
    harness.end(&["depth{queue=\"mail\"}"]);
    let news = harness.step(&[]);
    assert_eq!((news[0].ends_at, news[0].value), (Some(harness.now), Some(12.5)));
}

#[test]
fn it_goes_on_firing_for_as_long_as_the_rule_says() {
    let mut rule = alert("Down", "up == 0");
    rule.keep_firing_for = minutes(2);
    let mut harness = Harness::new(one(rule));
    for (value, state, told) in [
        (0.0, Some("firing"), Some(Status::Firing)),
        (1.0, Some("firing"), None),
        (1.0, Some("firing"), None),
        (0.0, Some("firing"), None),
        (1.0, Some("firing"), None),
        (1.0, Some("firing"), None),
        (1.0, None, Some(Status::Resolved)),
    ] {
        let news = harness.step(&[("up{job=\"a\"}", value)]);
        let states: Vec<_> = harness.active().into_iter().map(|(_, state, _)| state).collect();
        assert_eq!(states, Vec::from_iter(state));
        // It is said again at each of these minutes.
        let statuses: Vec<_> = said(&news, harness.now).into_iter().map(|(status, _)| status).collect();
        assert_eq!(statuses, [told.unwrap_or(Status::Firing)]);
    }
}

#[test]
fn a_lower_threshold_keeps_what_fires() {
    let mut rule = alert("Deep", "depth > 10");
    rule.keep_query = Some(crate::promql::Query::parse("depth > 5").unwrap());
    rule.labels = vec![("size".into(), "{{ $value }}".into())];
    rule.labels.clear();
    let mut harness = Harness::new(one(rule));
    for (value, firing) in [(7.0, false), (12.0, true), (7.0, true), (6.0, true), (5.0, false), (7.0, false)]
    {
        let news = harness.step(&[("depth", value)]);
        assert_eq!(!harness.active().is_empty(), firing, "{value}");
        if value == 5.0 {
            assert_eq!((news[0].ends_at, news[0].value), (Some(harness.now), Some(5.0)));
        }
    }
}

#[test]
fn a_query_that_fails_changes_nothing() {
    let mut harness = Harness::new(one(alert("Torn", "left / on (job) right > 1")));
    let good = [("left{job=\"a\"}", 4.0), ("right{job=\"a\"}", 2.0)];
    assert_eq!(harness.step(&good).len(), 1);
    let two = [good[0], good[1], ("right{job=\"a\",zone=\"b\"}", 2.0)];
    assert_eq!(harness.step(&two), []);
    assert!(
        matches!(&harness.health()[0], RuleHealth::Bad(error) if error.contains("duplicate")),
        "{:?}",
        harness.health()
    );
    assert_eq!(harness.active().len(), 1);
    assert_eq!(harness.query("ALERTS").len(), 1);
    harness.pass(1);
    harness.end(&["right{job=\"a\",zone=\"b\"}"]);
    assert_eq!(harness.step(&[("left{job=\"a\"}", 1.0), ("right{job=\"a\"}", 2.0)]).len(), 1);
    assert_eq!(harness.health(), [RuleHealth::Good]);
}

#[test]
fn results_that_become_one_alert_are_an_error() {
    let mut rule = alert("Any", "{__name__=~\"a|b\"} > 0");
    rule.labels = vec![("zone".into(), "all".into())];
    let mut harness = Harness::new(one(rule));
    assert_eq!(harness.step(&[("a{zone=\"x\"}", 1.0)]).len(), 1);
    assert_eq!(harness.step(&[("a{zone=\"x\"}", 1.0), ("b{zone=\"y\"}", 1.0)]), []);
    let error = "vector contains metrics with the same labelset after applying alert labels";
    assert_eq!(harness.health(), [RuleHealth::Bad(error.into())]);
    assert_eq!(harness.active().len(), 1);
}

#[test]
fn more_alerts_than_the_limit_are_none() {
    let mut groups = one(alert("Down", "up == 0"));
    groups[0].limit = 2;
    let mut harness = Harness::new(groups);
    assert_eq!(harness.step(&[("up{job=\"a\"}", 0.0), ("up{job=\"b\"}", 0.0)]).len(), 2);
    let news = harness.step(&[("up{job=\"a\"}", 0.0), ("up{job=\"b\"}", 0.0), ("up{job=\"c\"}", 0.0)]);
    assert_eq!(harness.health(), [RuleHealth::Bad("exceeded limit of 2 with 3 alerts".into())]);
    assert_eq!(harness.active(), []);
    let statuses: Vec<_> = said(&news, harness.now).into_iter().map(|(status, _)| status).collect();
    assert_eq!(statuses, [Status::Resolved; 2]);
    assert_eq!(harness.disk.len(), 0);
    let news = harness.step(&[("up{job=\"a\"}", 0.0), ("up{job=\"b\"}", 1.0), ("up{job=\"c\"}", 1.0)]);
    assert_eq!(said(&news, harness.now), [(Status::Firing, DOWN.to_owned())]);
}

#[test]
fn a_rule_sees_what_those_before_it_record_at_the_same_time() {
    let rules = [
        record("job:errors:sum", "sum by (job) (errors)"),
        Rule::Alerting(alert("Many", "job:errors:sum > 3")),
        Rule::Alerting(alert("Alerting", "count by (alertname) (ALERTS{alertname=\"Many\"}) > 0")),
    ];
    let mut harness = Harness::new(vec![group("group", rules)]);
    let news = harness.step(&[("errors{job=\"a\",n=\"1\"}", 2.0), ("errors{job=\"a\",n=\"2\"}", 2.0)]);
    let names: Vec<_> = news.iter().map(|alert| alert.name().to_owned()).collect();
    assert_eq!(names, ["Many", "Alerting"]);
    assert_eq!(harness.query("job:errors:sum"), [("job:errors:sum{job=\"a\"}".to_owned(), 4.0)]);
}

#[test]
fn the_series_of_a_rule_end_with_what_they_are_about() {
    let mut rule = alert("Down", "up == 0");
    rule.for_ = minutes(1);
    let mut harness = Harness::new(vec![group("group", [Rule::Alerting(rule), record("r", "up == 0")])]);
    harness.step(&[("up{job=\"a\"}", 0.0)]);
    let began = (harness.now / 1_000) as f64;
    let pending = "ALERTS{alertname=\"Down\", alertstate=\"pending\", job=\"a\"}".to_owned();
    assert_eq!(harness.query("ALERTS"), [(pending, 1.0)]);
    harness.step(&[("up{job=\"a\"}", 0.0)]);
    let firing = "ALERTS{alertname=\"Down\", alertstate=\"firing\", job=\"a\"}".to_owned();
    assert_eq!(harness.query("ALERTS"), [(firing, 1.0)]);
    let since = "ALERTS_FOR_STATE{alertname=\"Down\", job=\"a\"}".to_owned();
    assert_eq!(harness.query("ALERTS_FOR_STATE"), [(since, began)]);
    assert_eq!(harness.query("r"), [("r{job=\"a\"}".to_owned(), 0.0)]);
    harness.step(&[("up{job=\"a\"}", 1.0)]);
    assert_eq!(harness.query("{__name__=~\"ALERTS.*|r\"}"), []);
}

#[test]
fn labels_of_the_rule_win_and_its_name_wins_over_them() {
    let mut rule = alert("Down", "up == 0");
    rule.labels = ["job=rule", "alertname=other", "zone=", "severity=high"].map(pair).into_iter().collect();
    let mut groups = one(rule);
    groups[0].labels = ["severity=low", "team=web"].map(pair).into_iter().collect();
    let mut harness = Harness::new(groups);
    let news = harness.step(&[("up{job=\"series\",zone=\"z\",service=\"own\"}", 0.0)]);
    let expected = "{alertname=\"Down\", job=\"rule\", service=\"own\", severity=\"high\", team=\"web\"}";
    assert_eq!(news[0].labels.to_string(), expected);
}

fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap();
    (name.to_owned(), value.to_owned())
}

#[test]
fn a_recording_rule_keeps_to_its_limit_and_to_one_series_of_a_name() {
    let mut limited = group("limited", [record("r:all", "up")]);
    limited.limit = 1;
    let mut same = group("same", [record("r:same", "{__name__=~\"a|b\"}")]);
    same.interval = Some(minutes(1));
    let mut harness = Harness::new(vec![limited, same]);
    for _ in 0..2 {
        harness.step(&[("up{job=\"a\"}", 1.0), ("up{job=\"b\"}", 1.0), ("a", 1.0), ("b", 1.0)]);
    }
    assert_eq!(
        harness.health(),
        [
            RuleHealth::Bad("exceeded limit of 1 with 2 series".into()),
            RuleHealth::Bad(
                "vector contains metrics with the same labelset after applying rule labels".into()
            ),
        ]
    );
    assert_eq!(harness.query("{__name__=~\"r:.*\"}"), []);
}

#[test]
fn a_group_can_look_into_the_past() {
    let mut groups = vec![group("group", [record("r", "x")])];
    groups[0].query_offset = minutes(1);
    let mut harness = Harness::new(groups);
    harness.step(&[("x", 1.0)]);
    harness.step(&[("x", 2.0)]);
    let recorded =
        harness.store.select(&[crate::series::Matcher::equal("__name__", "r")], 0, i64::MAX, 9).unwrap();
    assert_eq!(
        (&*recorded[0].samples.times, &*recorded[0].samples.values),
        (&[harness.now - 60_000][..], &[1.0][..])
    );
    assert_eq!(recorded[0].labels, labels("r"));
}

#[test]
fn what_goes_on_firing_is_said_again_each_minute_and_writes_nothing() {
    let mut rule = alert("Deep", "depth > 10");
    rule.annotations.insert("summary".into(), "{{ $value }}".into());
    let mut groups = one(rule);
    groups[0].interval = Some(std::time::Duration::from_secs(15));
    let mut harness = Harness::new(groups);
    let began = harness.step(&[("depth", 20.0)])[0].starts_at;
    let news = (1..=8).map(|step| harness.step(&[("depth", 20.0 + f64::from(step))]));
    let said: Vec<_> =
        news.map(|news| news.first().map(|alert| alert.annotations["summary"].clone())).collect();
    let at = |value: &str| Some(value.to_owned());
    assert_eq!(said, [None, None, None, at("24"), None, None, None, at("28")]);
    harness.pass(15_000);
    harness.set(&[("depth", 28.0)]);
    let mut writes = Writes::new();
    harness.evaluation.run(harness.now, &harness.store, &mut writes);
    assert!(writes.is_empty());
    harness.pass(45_000);
    harness.set(&[("depth", 28.0)]);
    assert_eq!(harness.run()[0].starts_at, began);
}

#[test]
fn evaluations_are_counted() {
    let mut harness =
        Harness::new(vec![group("group", [record("a", "x"), record("b", "-(x or x{a=\"\"}) + on () y")])]);
    let registers = harness.registers.clone();
    harness.step(&[("x", 1.0), ("y{a=\"1\"}", 1.0), ("y{a=\"2\"}", 1.0)]);
    harness.pass(180_000);
    harness.run();
    let text = registers.render(crate::registers::Format::Text);
    for line in [
        "tower_watch_rule_evaluations_total{group=\"group\"} 4",
        "tower_watch_rule_evaluation_failures_total{group=\"group\"} 2",
        "tower_watch_rule_group_missed_total{group=\"group\"} 2",
        "tower_watch_rule_group_duration_seconds{group=\"group\"} 0",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} is not in\n{text}");
    }
}
