//! Other rules while the process runs.

use super::harness::{Harness, alert, group, minutes, one, record, said};
use crate::alert::Status;
use crate::alert::rules::{AlertingRule, Rule};

const UP: &str = "up{job=\"a\"}";

fn down() -> AlertingRule {
    let mut rule = alert("Down", "up == 0");
    rule.for_ = minutes(3);
    rule
}

#[test]
fn the_same_rule_goes_on_in_another_file_with_another_text_and_another_for() {
    let mut harness = Harness::new(one(down()));
    harness.step(&[(UP, 0.0)]);
    harness.step(&[(UP, 0.0)]);
    let mut rule = down();
    rule.for_ = minutes(2);
    rule.annotations.insert("summary".into(), "it is down".into());
    let mut groups = one(rule.clone());
    groups[0].file = Some("other.yml".into());
    assert_eq!(harness.reload(groups), []);
    assert_eq!(harness.active().len(), 1);
    // The group has other times now, so it is less than a minute until the next.
    harness.step(&[(UP, 0.0)]);
    harness.step(&[(UP, 0.0)]);
    assert_eq!(harness.active()[0].1, "firing");
    rule.notify = vec!["phone".into()];
    let mut groups = one(rule);
    groups[0].file = Some("other.yml".into());
    harness.reload(groups);
    let news = harness.step(&[(UP, 0.0)]);
    assert_eq!((news.len(), &news[0].notify[..]), (1, &["phone".to_owned()][..]));
    assert_eq!(news[0].annotations["summary"], "it is down");
}

#[test]
fn what_is_gone_is_over_and_its_series_end() {
    let rules = [Rule::Alerting(alert("Down", "up == 0")), record("r", "up"), record("kept", "up")];
    let mut harness = Harness::new(vec![group("group", rules)]);
    harness.step(&[(UP, 0.0)]);
    let before = harness.now;
    harness.pass(1_000);
    let news = harness.reload(vec![group("group", [record("kept", "up")])]);
    let over = vec![(Status::Resolved, "{alertname=\"Down\", job=\"a\", service=\"shop\"}".to_owned())];
    assert_eq!(said(&news, harness.now), over);
    assert_eq!((news[0].ends_at, harness.disk.len()), (Some(harness.now), 0));
    assert_eq!(harness.active(), []);
    harness.step(&[(UP, 0.0)]);
    // The group kept its times.
    assert_eq!(harness.now, before + 60_000);
    assert_eq!(harness.query("{__name__=~\"ALERTS.*|r\"}"), []);
    assert_eq!(harness.query("kept").len(), 1);
}

#[test]
fn a_changed_expression_is_the_same_rule() {
    let mut harness = Harness::new(one(alert("Down", "up == 0")));
    let since = harness.step(&[(UP, 0.0)])[0].starts_at;
    assert_eq!(harness.reload(one(alert("Down", "up < 1"))), []);
    harness.step(&[(UP, 0.0)]);
    assert_eq!(harness.disk.len(), 1);
    assert_eq!(harness.reload(one(alert("Down", "up < 0"))), []);
    let news = harness.step(&[(UP, 0.0)]);
    assert_eq!((news[0].status_at(harness.now), news[0].starts_at), (Status::Resolved, since));
}

#[test]
fn rules_that_are_alike_keep_apart() {
    let two = || {
        vec![group("group", [Rule::Recording(recording()), Rule::Alerting(down()), Rule::Alerting(down())])]
    };
    let mut harness = Harness::new(two());
    harness.step(&[(UP, 0.0)]);
    assert_eq!(harness.active().len(), 2);
    harness.reload(two());
    assert_eq!(harness.active().len(), 2);
    let alerts = harness.disk.keys().filter(|key| key.contains('/')).count();
    assert_eq!(alerts, 2);
}

fn recording() -> crate::alert::rules::RecordingRule {
    crate::alert::rules::RecordingRule::new("x", crate::promql::Query::parse("up").unwrap())
}

#[test]
fn a_series_that_another_rule_goes_on_with_is_never_missing() {
    let rate = |expr: &str| vec![group("group", [record("r", expr), record("other", "up")])];
    let mut harness = Harness::new(rate("up + 1"));
    harness.step(&[(UP, 0.0)]);
    harness.reload(rate("up + 2"));
    harness.pass(1_000);
    harness.run();
    assert_eq!(harness.query("r"), [("r{job=\"a\"}".to_owned(), 1.0)]);
    harness.set(&[(UP, 0.0)]);
    // The tick comes a little late, as it always does.
    let late = harness.evaluation.next_due().unwrap() - harness.now + 7;
    harness.pass(late);
    harness.run();
    assert_eq!(harness.query("r"), [("r{job=\"a\"}".to_owned(), 2.0)]);
    // Nor where it moves to another group.
    harness.reload(vec![group("another", [record("r", "up + 2")])]);
    harness.pass(1_000);
    harness.run();
    assert_eq!(harness.query("r").len(), 1);
    harness.step(&[(UP, 0.0)]);
    assert_eq!(harness.query("r").len(), 1);
    assert_eq!(harness.query("other"), []);
}
