//! Alerts that come and go, always others: nothing of them stays where nobody is owed a word.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::alert::Alert;
use crate::alert::config::{Escalation, GroupBy};
use crate::alert::dispatch::Additions;
use crate::alert::dispatch::tests::stage::{Ear, Stage, child, ear, labels, receiver, routing};
use crate::alert::receivers::Feed;

const ALERTS: usize = 10_000;
const BATCH: usize = 500;

/// Whose targets know nothing of ends: in a group, one by one, as they come, and by a step of escalation.
fn forgetful() -> Stage {
    let deaf = Ear { ends: false, ..ear() };
    let feed = Some(Feed::of_all(Duration::from_secs(60)));
    let mut routing = routing();
    let mut single = child(&routing.route, "single", &[]);
    single.continues = true;
    single.group_by = GroupBy::All;
    let all = child(&routing.route, "all", &[]);
    routing.route.routes = vec![single, all];
    routing.receivers = vec![
        receiver("all", [deaf.clone(), ear()]),
        receiver("single", [Ear { single: true, ..deaf.clone() }]),
        receiver("feed", [Ear { feed, ..deaf.clone() }]),
        receiver("boss", [deaf]),
    ];
    let after = Duration::from_secs(30);
    let escalation = vec![Escalation { severity: "critical".into(), after, receiver: "boss".into() }];
    Stage::on_disk(routing, Additions { escalation, flapping: None, ..Additions::default() })
}

fn remembered(stage: &Stage) -> BTreeMap<String, usize> {
    let all = stage.targets().into_iter().map(|(target, _)| {
        let count = stage.outbox.alerts_remembered(&target.0);
        (target.0.to_string(), count)
    });
    all.filter(|(_, count)| *count > 0).collect()
}

#[test]
fn of_ten_thousand_that_came_and_went_nothing_is_left() {
    let mut stage = forgetful();
    for batch in 0..ALERTS / BATCH {
        let texts = |number: usize| format!("alertname=Down severity=critical id={number}");
        let alerts: Vec<String> = (batch * BATCH..(batch + 1) * BATCH).map(texts).collect();
        // Of every third batch the targets hear only when all of it is over, or after a restart.
        stage.open = batch % 3 != 1;
        stage.fire_all(&alerts);
        stage.pass(70);
        if batch % 3 == 2 {
            stage.restart(1);
        }
        stage.end_all(&alerts);
        stage.pass(130);
        stage.open = true;
        stage.tick();
    }
    let told = |target: &str| {
        let heard = stage.heard.iter().filter(|heard| heard.target == target);
        heard.flat_map(|heard| heard.alerts.keys()).collect::<BTreeSet<_>>().len()
    };
    for target in ["all/ear[0]", "all/ear[1]", "single/ear[0]", "feed/ear[0]", "boss/ear[0]"] {
        assert_eq!(told(target), ALERTS, "{target}");
    }
    stage.pass(20 * 60);
    assert_eq!(remembered(&stage), BTreeMap::new());
    stage.restart(1);
    let mut records = stage.records();
    assert!(records.remove("audit").is_none_or(|entries| entries <= 1_000));
    assert_eq!(records, BTreeMap::new());
}

#[test]
fn what_is_gone_without_a_word_is_forgotten_after_a_restart() {
    let mut stage = forgetful();
    stage.fire("alertname=Down severity=critical");
    stage.pass(70);
    assert_eq!(remembered(&stage).len(), 5, "{:?}", remembered(&stage));
    stage.lose("alertname=Down severity=critical");
    stage.take();
    stage.restart(1);
    assert_eq!(stage.take(), ["71 all/ear[1] news -Down/critical"]);
    assert_eq!(remembered(&stage), BTreeMap::new());
}

#[test]
fn who_is_routed_elsewhere_is_forgotten_at_the_end_and_not_before() {
    let mut stage = forgetful();
    stage.fire("alertname=Down");
    stage.pass(70);
    let mut other = forgetful().routing.as_ref().clone();
    other.route.routes.clear();
    other.route.receiver = "boss".into();
    stage.reload(other);
    assert_eq!(remembered(&stage)["all/ear[0]"], 1);
    stage.end("alertname=Down");
    stage.pass(130);
    assert_eq!(remembered(&stage), BTreeMap::new());
}

#[test]
fn a_firing_that_is_owed_is_said_although_it_is_over() {
    let mut stage = forgetful();
    stage.open = false;
    stage.fire("alertname=Down");
    stage.pass(20);
    stage.end("alertname=Down");
    stage.pass(130);
    stage.restart(1);
    stage.deliver();
    let heard = stage.take();
    assert!(heard.iter().any(|line| line.ends_with("all/ear[0] news +Down")), "{heard:?}");
    assert_eq!(remembered(&stage), BTreeMap::new());
    // As one that comes back.
    stage.open = true;
    stage.apply(Arc::new(Alert { starts_at: stage.now, ..Alert::with_labels(labels("alertname=Down")) }));
    stage.pass(20);
    assert_eq!(remembered(&stage)["all/ear[0]"], 1);
}
