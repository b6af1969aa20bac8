//! What Alertmanager does, and we with our additions off.

use std::time::Duration;

use crate::alert::config::{GroupBy, Routing};
use crate::alert::dispatch::book::Applied;
use crate::alert::dispatch::tests::stage::{
    START, Stage, child, ear, inhibit, labels, matchers, receiver, routing,
};
use crate::alert::dispatch::{Additions, Book, Silence, SilenceError, SilenceState};
use crate::alert::state::Writes;
use crate::alert::{Alert, Source};

fn stage(routing: Routing) -> Stage {
    Stage::with(routing, Additions::none(), None)
}

#[test]
fn a_group_waits_and_then_speaks_at_its_interval_and_again_after_a_while() {
    let mut stage = stage(routing());
    stage.fire("alertname=Down host=a");
    stage.pass(5);
    stage.fire("alertname=Down host=b");
    stage.fire("alertname=Slow");
    stage.pass(25);
    assert_eq!(
        stage.take(),
        ["10 all/ear[0] news +Down/a +Down/b", "15 all/ear[0] news +Slow"],
        "each group after its own wait"
    );
    stage.end("alertname=Down host=a");
    stage.pass(70);
    assert_eq!(stage.take(), ["70 all/ear[0] news -Down/a +Down/b"]);
    stage.pass(3_600);
    assert_eq!(stage.take(), ["3675 all/ear[0] repeat +Slow"], "what is new to a group begins its time anew");
    stage.pass(60);
    assert_eq!(stage.take(), ["3730 all/ear[0] repeat +Down/b"], "after more than the interval, not at it");
    stage.end("alertname=Down host=b");
    stage.end("alertname=Slow");
    stage.pass(60);
    assert_eq!(stage.take(), ["3790 all/ear[0] news -Down/b", "3795 all/ear[0] news -Slow"]);
    stage.pass(36_000);
    assert_eq!(stage.take(), [""; 0]);
    assert_eq!(stage.dispatcher.groups.iter().count(), 0);
}

#[test]
fn what_comes_and_goes_within_the_wait_is_not_told() {
    let mut stage = stage(routing());
    stage.fire("alertname=Down");
    stage.pass(5);
    stage.end("alertname=Down");
    stage.pass(600);
    assert_eq!(stage.take(), [""; 0]);
}

#[test]
fn an_alert_that_has_been_there_for_long_does_not_wait() {
    let mut stage = stage(routing());
    let mut alert = Alert::with_labels(labels("alertname=Down"));
    (alert.starts_at, alert.source) = (START - 11_000, Source::Rule);
    stage.apply(alert.into());
    assert_eq!(stage.take(), ["0 all/ear[0] news +Down"]);
}

#[test]
fn who_does_not_want_ends_gets_none_and_hears_of_the_next_beginning() {
    let mut routing = routing();
    routing.receivers =
        vec![receiver("all", [crate::alert::dispatch::tests::stage::Ear { ends: false, ..ear() }])];
    let mut stage = stage(routing);
    stage.fire("alertname=Down");
    stage.pass(20);
    stage.end("alertname=Down");
    stage.pass(100);
    stage.fire("alertname=Down");
    stage.pass(20);
    assert_eq!(stage.take(), ["10 all/ear[0] news +Down", "130 all/ear[0] news +Down"]);
}

#[test]
fn routes_are_tried_in_order_and_deeper_ones_first() {
    let mut routing = routing();
    let root = routing.route.clone();
    let mut critical = child(&root, "pager", &["severity=critical"]);
    critical.routes = vec![child(&critical, "database", &["team=~data.*"])];
    let mut audit = child(&root, "audit", &["severity!="]);
    audit.continues = true;
    audit.group_by = GroupBy::All;
    let mut web = child(&root, "web", &["team=web"]);
    web.group_by = GroupBy::Labels(Vec::new());
    web.group_wait = Duration::from_secs(5);
    routing.route.routes = vec![audit, critical, web];
    let names = ["all", "pager", "database", "audit", "web"];
    routing.receivers = names.iter().map(|name| receiver(name, [ear()])).collect();
    let mut stage = stage(routing);
    for alert in [
        "alertname=A severity=critical team=database",
        "alertname=B severity=critical team=web",
        "alertname=C severity=low team=web",
        "alertname=D team=web",
        "alertname=E",
    ] {
        stage.fire(alert);
    }
    stage.pass(11);
    let mut heard: Vec<String> = stage.heard.iter().map(|it| format!("{it} {}", it.group)).collect();
    heard.sort();
    assert_eq!(
        heard,
        [
            r#"10 all/ear[0] news +E {}:{alertname="E"}"#,
            r#"10 audit/ear[0] news +A/critical/database {}/{severity!=""}:{alertname="A", severity="critical", team="database"}"#,
            r#"10 audit/ear[0] news +B/critical/web {}/{severity!=""}:{alertname="B", severity="critical", team="web"}"#,
            r#"10 audit/ear[0] news +C/low/web {}/{severity!=""}:{alertname="C", severity="low", team="web"}"#,
            r#"10 database/ear[0] news +A/critical/database {}/{severity="critical"}/{team=~"data.*"}:{alertname="A"}"#,
            r#"10 pager/ear[0] news +B/critical/web {}/{severity="critical"}:{alertname="B"}"#,
            r#"5 web/ear[0] news +C/low/web +D/web {}/{team="web"}:{}"#,
        ]
    );
}

#[test]
fn an_alert_keeps_another_quiet_while_it_fires() {
    let mut routing = routing();
    routing.inhibit_rules = vec![
        inhibit(&["severity=critical"], &["severity=warning"], &["cluster", "zone"]),
        inhibit(&["alertname=~Host.*"], &["alertname=~Host.*|Disk"], &[]),
    ];
    let mut stage = stage(routing);
    let quiet = |stage: &Stage, text: &str| {
        let labels = labels(text);
        let standing = stage.dispatcher.standing(crate::alert::Fingerprint::of(&labels), &labels, stage.now);
        !standing.inhibited_by.is_empty()
    };
    stage.fire("alertname=A severity=critical cluster=x");
    // A label that both lack is alike; one that only one has is not.
    assert!(quiet(&stage, "alertname=B severity=warning cluster=x"));
    assert!(!quiet(&stage, "alertname=B severity=warning cluster=x zone=z"));
    assert!(!quiet(&stage, "alertname=B severity=warning"));
    assert!(!quiet(&stage, "alertname=B severity=info cluster=x"));
    stage.fire("alertname=B severity=warning cluster=x");
    stage.pass(15);
    assert_eq!(stage.take(), ["10 all/ear[0] news +A/x/critical"]);
    stage.end("alertname=A severity=critical cluster=x");
    assert!(!quiet(&stage, "alertname=B severity=warning cluster=x"));
    stage.pass(60);
    assert_eq!(stage.take(), ["70 all/ear[0] news -A/x/critical", "70 all/ear[0] news +B/x/warning"]);

    // What is on both sides is kept quiet by nothing that is too, itself included; what is only a target is.
    stage.fire("alertname=HostDown");
    stage.fire("alertname=HostSlow");
    assert!(!quiet(&stage, "alertname=HostDown") && !quiet(&stage, "alertname=HostSlow"));
    assert!(quiet(&stage, "alertname=Disk"));
}

#[test]
fn a_silence_keeps_quiet_and_what_is_over_meanwhile_is_not_told() {
    let mut stage = stage(routing());
    stage.fire("alertname=Down host=a");
    stage.fire("alertname=Down host=b");
    stage.pass(15);
    stage.take();
    let silence =
        Silence::new(matchers(&["alertname=~D.+", "host!=b"]), stage.now, stage.now + 300_000, "ann", "");
    stage.with_writes(|it, _, now, writes| it.silence(silence, now, writes)).unwrap();
    stage.end("alertname=Down host=a");
    stage.fire("alertname=Down host=c");
    stage.pass(200);
    assert_eq!(stage.take(), [""; 0], "neither the end of the one nor the beginning of the other");
    stage.pass(200);
    assert_eq!(stage.take(), ["370 all/ear[0] news +Down/b +Down/c"]);
}

#[test]
fn silences_change_as_their_state_allows() {
    let mut stage = stage(routing());
    let now = stage.now;
    let make = |matching: &[&str], from: i64, to: i64| {
        Silence::new(matchers(matching), now + from * 1_000, now + to * 1_000, "ann", "why")
    };
    let set = |stage: &mut Stage, silence: Silence| {
        stage.with_writes(|it, _, now, writes| it.silence(silence, now, writes))
    };
    let silence = |stage: &Stage, id: &str| {
        stage.dispatcher.silences().iter().find(|silence| silence.id == id).cloned()
    };
    let state = |stage: &Stage, id: &str| silence(stage, id).unwrap().state_at(stage.now);
    assert_eq!(set(&mut stage, make(&[], 0, 60)), Err(SilenceError::MatchesEverything));
    assert_eq!(set(&mut stage, make(&["a=~.*", "b!=c"], 0, 60)), Err(SilenceError::MatchesEverything));
    assert_eq!(set(&mut stage, make(&["a=b"], 60, 60)), Err(SilenceError::EndsBeforeItStarts));
    assert_eq!(set(&mut stage, make(&["a=b"], -60, -1)), Err(SilenceError::EndsInThePast));
    let unknown = set(&mut stage, make(&["a=b"], 0, 60).with_id("no"));
    assert_eq!(unknown, Err(SilenceError::NotFound("no".into())));

    // An active one: its end can be moved, its start cannot, and nor can its matchers.
    let id = set(&mut stage, make(&["a=b"], -60, 60)).unwrap();
    assert_eq!(id.len(), 36);
    assert_eq!(silence(&stage, &id).unwrap().starts_at, now, "it does not begin in the past");
    assert_eq!(set(&mut stage, make(&["a=b"], 0, 90).with_id(&id)).as_ref(), Ok(&id));
    let later = set(&mut stage, make(&["a=b"], 30, 90).with_id(&id)).unwrap();
    assert_ne!(later, id);
    assert_eq!((state(&stage, &id), state(&stage, &later)), (SilenceState::Expired, SilenceState::Pending));
    // A pending one: both can be moved.
    assert_eq!(set(&mut stage, make(&["a=b"], 20, 100).with_id(&later)).as_ref(), Ok(&later));
    let other = set(&mut stage, make(&["a=c"], 20, 100).with_id(&later)).unwrap();
    assert_eq!(
        (state(&stage, &later), state(&stage, &other)),
        (SilenceState::Expired, SilenceState::Pending)
    );
    // An expired one cannot come back: it is made anew.
    let again = set(&mut stage, make(&["a=b"], 0, 60).with_id(&id)).unwrap();
    assert_ne!(again, id);

    let expire = |stage: &mut Stage, id: &str| {
        stage.with_writes(|it, _, now, writes| it.expire_silence(id, "bob", now, writes))
    };
    assert_eq!(expire(&mut stage, &again), Ok(()));
    assert_eq!(expire(&mut stage, &again), Err(SilenceError::Expired(again.clone())));
    assert_eq!(expire(&mut stage, "no"), Err(SilenceError::NotFound("no".into())));
    stage.pass(5 * 24 * 3_600 - 1);
    assert!(silence(&stage, &again).is_some());
    stage.pass(2);
    assert!(silence(&stage, &again).is_none(), "five days after its end");
}

#[test]
fn reports_of_one_alert_that_overlap_are_one() {
    const MINUTE: i64 = 60_000;
    let report = |start: i64, end: Option<i64>| {
        let mut alert = Alert::with_labels(labels("alertname=A"));
        (alert.starts_at, alert.ends_at) = (START + start * MINUTE, end.map(|end| START + end * MINUTE));
        alert.source = Source::Api;
        std::sync::Arc::new(alert)
    };
    // At minute 0: what was there, what comes, and start and end that it makes.
    #[rustfmt::skip]
    let table = [
        ("the earlier start, the later end", (-10, Some(10)), (-5, Some(15)), (-10, 15)),
        ("an end that was named wins over an earlier one", (-10, Some(10)), (-5, Some(5)), (-10, 10)),
        ("an end that is there wins over a later one", (-10, Some(10)), (-5, Some(-1)), (-10, -1)),
        ("no end is five minutes", (-10, None), (-3, None), (-10, 5)),
        ("no end yields to an earlier one", (-10, None), (-5, Some(3)), (-10, 3)),
        ("and gives way to a named one", (-10, Some(10)), (-5, None), (-10, 10)),
        ("apart they are two", (-10, Some(-8)), (-5, Some(5)), (-5, 5)),
        ("both over", (-10, Some(-2)), (-8, Some(-4)), (-10, -2)),
    ];
    for (what, before, after, wanted) in table {
        let mut book = Book::default();
        let mut writes = Writes::new();
        book.apply(report(before.0, before.1), START, &mut writes);
        book.apply(report(after.0, after.1), START, &mut writes);
        let alert = book.iter().next().unwrap();
        let minutes = |time: i64| (time - START) / MINUTE;
        assert_eq!((minutes(alert.starts_at), minutes(alert.ends_at.unwrap())), wanted, "{what}");
    }
}

#[test]
fn an_alert_without_an_end_ends_when_nobody_renews_it() {
    let mut stage = stage(routing());
    let post = |stage: &mut Stage| {
        let mut alert = Alert::with_labels(labels("alertname=A"));
        (alert.starts_at, alert.source) = (START, Source::Api);
        stage.apply(alert.into());
    };
    post(&mut stage);
    stage.pass(240);
    post(&mut stage);
    stage.pass(299);
    assert_eq!(stage.take(), ["10 all/ear[0] news +A"]);
    stage.pass(1_200);
    assert_eq!(stage.take(), ["550 all/ear[0] news -A"]);
    assert_eq!((stage.book.history().count(), stage.book.iter().count()), (1, 0), "shown for 15 minutes");
}

#[test]
fn beyond_the_most_alerts_new_ones_are_dropped() {
    let mut book = Book::default().with_most(2);
    let mut writes = Writes::new();
    let mut put = |name: &str, end: Option<i64>| {
        let mut alert = Alert::with_labels(labels(&format!("alertname={name}")));
        (alert.starts_at, alert.ends_at, alert.source) = (START, end, Source::Rule);
        book.apply(alert.into(), START + 1, &mut writes)
    };
    assert_eq!([put("A", None), put("B", None)], [Applied::Fired; 2]);
    assert_eq!(put("C", None), Applied::Dropped);
    assert_eq!(put("A", None), Applied::Known);
    assert_eq!(put("A", Some(START + 1)), Applied::Resolved);
    assert_eq!(put("C", None), Applied::Fired);
    assert_eq!(put("A", None), Applied::Dropped);
    assert_eq!((book.dropped(), book.firing()), (2, 2));
}
