//! Whatever happens in whatever order: who was told of a beginning is told its end, and nobody is told anything twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use crate::alert::Status;
use crate::alert::config::{Escalation, Flapping, GroupBy, Routing};
use crate::alert::dispatch::tests::stage::{Ear, Stage, child, ear, inhibit, matchers, receiver, routing};
use crate::alert::dispatch::{Additions, Silence};
use crate::alert::notify::Reason;

#[derive(Clone, Debug)]
enum Step {
    Fire(usize),
    End(usize),
    Lose(usize),
    Pass(i64),
    Silence(usize, i64),
    Restart(i64),
    Reload(usize),
    Open(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..ALERTS.len()).prop_map(Step::Fire),
        5 => (0..ALERTS.len()).prop_map(Step::End),
        1 => (0..ALERTS.len()).prop_map(Step::Lose),
        8 => (1i64..120).prop_map(Step::Pass),
        2 => (0..SILENCES.len(), 5i64..200).prop_map(|(which, seconds)| Step::Silence(which, seconds)),
        1 => (0i64..200).prop_map(Step::Restart),
        1 => (0usize..3).prop_map(Step::Reload),
        2 => any::<bool>().prop_map(Step::Open),
    ]
}

const ALERTS: [&str; 5] = [
    "alertname=A severity=critical host=a",
    "alertname=A severity=critical host=b",
    "alertname=B severity=warning host=a",
    "alertname=C severity=warning host=b",
    "alertname=D",
];

const SILENCES: [&[&str]; 3] = [&["alertname=A"], &["host=~.+"], &["severity!=critical", "alertname=~.+"]];

/// Three configurations that send the same alerts to the same receivers in different ways.
fn configuration(number: usize) -> Routing {
    let mut routing = routing();
    let root = &mut routing.route;
    root.repeat_interval = Duration::from_secs(100_000);
    match number {
        0 => {}
        1 => {
            root.group_by = GroupBy::All;
            let mut both = child(root, "other", &["severity=critical"]);
            both.continues = true;
            root.routes = vec![both, child(root, "all", &["host=a"])];
        }
        _ => {
            root.group_by = GroupBy::Labels(Vec::new());
            root.routes = vec![child(root, "other", &["host=~.*"])];
        }
    }
    routing.receivers = vec![
        receiver("all", [ear(), Ear { ends: false, ..ear() }]),
        receiver("other", [Ear { single: true, ..ear() }]),
        receiver("boss", [ear()]),
    ];
    routing.inhibit_rules = vec![inhibit(&["severity=critical"], &["severity=warning"], &["host"])];
    routing
}

/// What a target believes of a group.
#[derive(Clone, Debug, Default)]
struct Belief {
    firing: BTreeSet<String>,
    /// Those that the last message left out, since they were kept quiet: to tell them again is news.
    left_out: BTreeSet<String>,
    /// Those that the last message said to be over. As with Alertmanager, one that came and went between two messages is news
    /// in the second, unless the first one said so too.
    over: BTreeSet<String>,
}

type Beliefs = BTreeMap<(String, String), Belief>;

/// Follows what was heard, and fails where it was no news.
fn follow(
    stage: &mut Stage,
    beliefs: &mut Beliefs,
    strict: bool,
    log: &[String],
) -> Result<(), TestCaseError> {
    for heard in std::mem::take(&mut stage.heard) {
        let takes_ends = heard.target != "all/ear[1]";
        let single = heard.target.starts_with("other");
        let believed = beliefs.entry((heard.target.clone(), heard.group.clone())).or_default();
        let before = believed.clone();
        let mut news = false;
        for (alert, status) in &heard.alerts {
            news |= match status {
                Status::Firing => believed.left_out.remove(alert) | believed.firing.insert(alert.clone()),
                Status::Resolved => {
                    prop_assert!(takes_ends, "an end for one who wants none: {heard}\n{}", log.join("\n"));
                    believed.firing.remove(alert) | !before.over.contains(alert)
                }
            };
        }
        let left_out = before.firing.iter().filter(|alert| !heard.alerts.contains_key(*alert));
        believed.left_out.extend(left_out.cloned());
        let over = heard.alerts.iter().filter(|(_, status)| **status == Status::Resolved);
        believed.over = over.map(|(alert, _)| alert.clone()).collect();
        // Who hears of no end cannot tell whether a beginning is new.
        let same = strict && takes_ends && !single && heard.reason == Reason::News && !news;
        prop_assert!(!same, "no news: {heard}, believed {before:?}\n{}", log.join("\n"));
        prop_assert!(!single || heard.reason != Reason::Repeat);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_end_is_lost_and_nothing_is_told_twice(steps in prop::collection::vec(step(), 1..60), flapping: bool, open: bool) {
        let escalation = vec![Escalation {
            severity: "critical".into(),
            after: Duration::from_secs(90),
            receiver: "boss".into(),
        }];
        let limits =
            Flapping { changes: 3, window: Duration::from_secs(200), calm: Duration::from_secs(100) };
        let additions =
            Additions { escalation, flapping: flapping.then_some(limits), ..Additions::default() };
        let mut stage = Stage::on_disk(configuration(0), additions);
        // A note that an alert comes and goes tells it again, and so may a word that others overtook in the queue.
        let strict = !flapping && !steps.iter().any(|step| matches!(step, Step::Open(false)) && !open);
        let mut beliefs = Beliefs::new();
        let mut log = Vec::new();
        for step in steps {
            log.push(format!("{} {step:?}", (stage.now - super::stage::START) / 1_000));
            match step {
                Step::Fire(which) => stage.fire(ALERTS[which]),
                Step::End(which) => stage.end(ALERTS[which]),
                // Only a restart lets a rule go without a word.
                Step::Lose(which) => {
                    stage.lose(ALERTS[which]);
                    stage.restart(1);
                }
                Step::Pass(seconds) => stage.pass(seconds),
                Step::Silence(which, seconds) => {
                    let silence = Silence::new(
                        matchers(SILENCES[which]),
                        stage.now,
                        stage.now + seconds * 1_000,
                        "model",
                        "",
                    );
                    stage.with_writes(|it, _, now, writes| it.silence(silence, now, writes)).unwrap();
                }
                Step::Restart(seconds) => stage.restart(seconds),
                Step::Reload(which) => stage.reload(configuration(which)),
                Step::Open(now) => {
                    stage.open = now || open;
                    stage.tick();
                }
            }
            log.extend(stage.heard.iter().map(|heard| format!("    {heard} of {}", heard.group)));
            follow(&mut stage, &mut beliefs, strict, &log)?;
        }
        stage.open = true;
        for alert in ALERTS {
            stage.end(alert);
        }
        stage.pass(2_000);
        log.extend(stage.heard.iter().map(|heard| format!("    {heard} of {}", heard.group)));
        follow(&mut stage, &mut beliefs, strict, &log)?;
        beliefs.retain(|(target, _), alerts| target != "all/ear[1]" && !alerts.firing.is_empty());
        prop_assert!(beliefs.is_empty(), "never told to be over: {beliefs:?}\n{}", log.join("\n"));
        prop_assert_eq!(stage.dispatcher.groups.iter().count(), 0);
        prop_assert_eq!(stage.book.iter().count(), 0, "nothing is kept for ever");
    }
}
