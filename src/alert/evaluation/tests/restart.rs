//! What is left of alerts when the process ends, and when the clock jumps.

use super::harness::{Harness, START, alert, minutes, one, said};
use crate::alert::Status;
use crate::alert::rules::{AlertingRule, RuleGroup};

const DOWN: &str = "{alertname=\"Down\", job=\"a\", service=\"shop\"}";
const UP: &str = "up{job=\"a\"}";

fn down(minutes_: u64) -> Vec<RuleGroup> {
    let mut rule = alert("Down", "up == 0");
    rule.for_ = minutes(minutes_);
    one(rule)
}

fn firing() -> Vec<(Status, String)> {
    vec![(Status::Firing, DOWN.to_owned())]
}

fn resolved() -> Vec<(Status, String)> {
    vec![(Status::Resolved, DOWN.to_owned())]
}

/// The states and ages of what is active.
fn states(harness: &Harness) -> Vec<(&'static str, i64)> {
    harness.active().into_iter().map(|(_, state, age)| (state, age)).collect()
}

#[test]
fn the_time_of_a_restart_does_not_count() {
    let mut harness = Harness::new(down(5));
    for _ in 0..4 {
        harness.step(&[(UP, 0.0)]);
    }
    assert_eq!(states(&harness), [("pending", 180)]);
    harness.restart(down(5), 3_600_000);
    harness.step(&[(UP, 0.0)]);
    assert_eq!(states(&harness), [("pending", 180)]);
    harness.step(&[(UP, 0.0)]);
    assert_eq!(states(&harness), [("pending", 240)]);
    assert_eq!(said(&harness.step(&[(UP, 0.0)]), harness.now), firing());
}

#[test]
fn nor_does_it_count_towards_how_long_an_alert_is_kept() {
    let groups = || {
        let mut rule = alert("Down", "up == 0");
        rule.keep_firing_for = minutes(3);
        one(rule)
    };
    let mut harness = Harness::new(groups());
    harness.step(&[(UP, 0.0)]);
    harness.step(&[(UP, 1.0)]);
    harness.restart(groups(), 3_600_000);
    harness.run();
    for _ in 0..3 {
        harness.step(&[(UP, 1.0)]);
        assert_eq!(harness.active().len(), 1);
    }
    assert_eq!(said(&harness.step(&[(UP, 1.0)]), harness.now), resolved());
}

#[test]
fn what_fires_is_told_at_once_and_since_when() {
    let mut harness = Harness::new(down(0));
    let began = harness.step(&[(UP, 0.0)])[0].starts_at;
    harness.restart(down(0), 600_000);
    assert!(harness.evaluation.next_due().unwrap() <= harness.now);
    let news = harness.run();
    assert_eq!(said(&news, harness.now), firing());
    assert_eq!(news[0].starts_at, began);
    assert_eq!(harness.run(), []);
}

#[test]
fn missing_data_end_nothing_until_they_are_there() {
    let mut harness = Harness::new(down(0));
    harness.step(&[(UP, 0.0)]);
    harness.restart(down(0), 600_000);
    harness.run();
    for _ in 0..4 {
        assert!(
            said(&harness.step(&[("up{job=\"other\"}", 1.0)]), harness.now)
                .iter()
                .all(|one| one.0 == Status::Firing)
        );
        assert_eq!(harness.query("ALERTS").len(), 1);
    }
    let news = harness.step(&[(UP, 1.0)]);
    assert_eq!(said(&news, harness.now), resolved());
    assert_eq!(news[0].value, Some(1.0));
    assert!(harness.disk.is_empty());
}

#[test]
fn missing_data_end_it_after_five_minutes() {
    let mut harness = Harness::new(down(0));
    harness.step(&[(UP, 0.0)]);
    harness.restart(down(0), 600_000);
    harness.run();
    for _ in 0..5 {
        harness.step(&[]);
        assert_eq!(harness.active().len(), 1);
    }
    let news = harness.step(&[]);
    assert_eq!(said(&news, harness.now), resolved());
    assert_eq!(news[0].value, Some(0.0));
}

#[test]
fn what_is_pending_waits_for_its_data_too() {
    let mut harness = Harness::new(down(3));
    for _ in 0..3 {
        harness.step(&[(UP, 0.0)]);
    }
    harness.restart(down(3), 600_000);
    for _ in 0..3 {
        harness.step(&[]);
        assert_eq!(states(&harness), [("pending", 120)]);
    }
    harness.step(&[(UP, 0.0)]);
    assert_eq!(states(&harness), [("firing", 180)]);
}

#[test]
fn once_seen_again_it_ends_as_any_other() {
    let mut harness = Harness::new(down(0));
    harness.step(&[(UP, 0.0)]);
    harness.restart(down(0), 600_000);
    harness.run();
    harness.step(&[(UP, 0.0)]);
    harness.pass(1);
    harness.end(&[UP]);
    assert_eq!(said(&harness.step(&[]), harness.now), resolved());
}

#[test]
fn what_watches_for_absence_ends_at_once() {
    let groups = || one(alert("Gone", "absent(up{job=\"a\"})"));
    let mut harness = Harness::new(groups());
    harness.step(&[("other", 1.0)]);
    harness.restart(groups(), 600_000);
    harness.run();
    assert_eq!(harness.step(&[(UP, 1.0)])[0].status_at(harness.now), Status::Resolved);
}

#[test]
fn the_alert_of_a_rule_that_is_gone_is_over() {
    let mut harness = Harness::new(down(0));
    harness.step(&[(UP, 0.0), ("up{job=\"b\"}", 1.0)]);
    harness.restart(one(alert("Other", "up < 0")), 600_000);
    let before = harness.disk.len();
    let news = harness.run();
    assert_eq!(said(&news, harness.now), resolved());
    assert_eq!((before, harness.disk.len()), (1, 0));
    // What was only pending is forgotten without a word.
    let mut harness = Harness::new(down(5));
    harness.step(&[(UP, 0.0)]);
    harness.restart(Vec::new(), 600_000);
    assert_eq!(harness.run(), []);
    assert_eq!(harness.disk.len(), 0);
}

#[test]
fn a_clock_that_jumps_fires_nothing_and_ends_nothing() {
    let slow = |name: &str, query: &str| -> AlertingRule {
        let mut rule = alert(name, query);
        rule.for_ = minutes(5);
        rule
    };
    let mut groups = one(alert("Down", "up == 0"));
    groups[0].rules.push(crate::alert::rules::Rule::Alerting(slow("Slow", "up == 0")));
    groups[0].rules.push(crate::alert::rules::Rule::Alerting(alert("Gone", "absent(up)")));
    let mut harness = Harness::new(groups);
    harness.step(&[(UP, 0.0)]);
    harness.step(&[(UP, 0.0)]);
    harness.jump(30 * 24 * 3_600_000);
    assert_eq!(harness.run(), []);
    let due = harness.evaluation.next_due().unwrap() - harness.now;
    assert!((10_000..=70_000).contains(&due), "{due}");
    harness.step(&[(UP, 0.0)]);
    let states: Vec<_> = harness.active().into_iter().map(|(_, state, _)| state).collect();
    assert_eq!(states, ["firing", "pending"]);
    assert!(harness.now - START > 30 * 24 * 3_600_000);
    for _ in 0..4 {
        harness.step(&[(UP, 0.0)]);
    }
    let states: Vec<_> = harness.active().into_iter().map(|(_, state, _)| state).collect();
    assert_eq!(states, ["firing", "firing"]);
}

#[test]
fn a_clock_that_was_ahead_before_a_restart_holds_nothing_up() {
    const MONTH: i64 = 30 * 24 * 3_600_000;
    let mut harness = Harness::new(down(5));
    for _ in 0..4 {
        harness.step(&[(UP, 0.0)]);
    }
    harness.now -= MONTH;
    harness.restart(down(5), 0);
    harness.step(&[(UP, 0.0)]);
    assert_eq!(states(&harness), [("pending", 180)]);
    harness.step(&[(UP, 0.0)]);
    assert_eq!(said(&harness.step(&[(UP, 0.0)]), harness.now), firing());
    // And what fires ends after it has begun.
    harness.now -= MONTH;
    harness.restart(down(5), 0);
    harness.run();
    let over = harness.step(&[(UP, 1.0)]);
    assert_eq!(said(&over, harness.now), resolved());
    assert!(over[0].ends_at.unwrap() >= over[0].starts_at, "{over:?}");
}
