//! What Alertmanager does not do.

use std::time::Duration;

use crate::alert::config::{Escalation, Flapping};
use crate::alert::dispatch::tests::stage::{
    Ear, Stage, child, ear, inhibit, labels, matchers, receiver, routing,
};
use crate::alert::dispatch::{Acknowledgement, Additions, Explained, Silence, Verdict};
use crate::alert::receivers::{Feed, FeedOf};
use crate::alert::{Alert, Fingerprint};
use crate::series::Labels;

fn of(text: &str) -> Fingerprint {
    Fingerprint::of(&labels(text))
}

fn silence(stage: &mut Stage, matching: &[&str], seconds: i64) {
    let silence = Silence::new(matchers(matching), stage.now, stage.now + seconds * 1_000, "ann", "later");
    stage.with_writes(|it, _, now, writes| it.silence(silence, now, writes)).unwrap();
}

fn acknowledge(stage: &mut Stage, matching: &[&str], seconds: Option<i64>) -> usize {
    let mut acknowledgement = Acknowledgement::new("bob", "on it", stage.now);
    acknowledgement.until = seconds.map(|seconds| stage.now + seconds * 1_000);
    let matchers = matchers(matching);
    stage.with_writes(|it, book, _, writes| it.acknowledge(&matchers, &acknowledgement, book, writes)).len()
}

#[test]
fn who_was_told_of_an_alert_is_told_its_end_though_it_is_silenced() {
    let mut stage = Stage::new(routing());
    stage.fire("alertname=Down host=a");
    stage.fire("alertname=Down host=b");
    stage.pass(15);
    stage.take();
    silence(&mut stage, &["host=~.+"], 600);
    stage.end("alertname=Down host=a");
    stage.fire("alertname=Down host=c");
    stage.pass(120);
    assert_eq!(stage.take(), ["70 all/ear[0] news -Down/a"]);
    stage.end("alertname=Down host=c");
    stage.pass(120);
    assert_eq!(stage.take(), [""; 0], "of this one nobody was told");
    stage.pass(600);
    stage.fire("alertname=Down host=a");
    stage.pass(60);
    assert_eq!(stage.take(), ["910 all/ear[0] news +Down/a +Down/b"]);
}

#[test]
fn an_end_is_told_though_the_alert_is_inhibited_and_news_take_it_along() {
    let mut routing = routing();
    routing.inhibit_rules = vec![inhibit(&["alertname=Site"], &["alertname=Down"], &[])];
    let mut stage = Stage::new(routing);
    stage.fire("alertname=Down host=a");
    stage.pass(15);
    stage.fire("alertname=Site");
    stage.end("alertname=Down host=a");
    stage.pass(60);
    assert_eq!(
        stage.take(),
        ["10 all/ear[0] news +Down/a", "25 all/ear[0] news +Site", "70 all/ear[0] news -Down/a"]
    );
}

#[test]
fn who_takes_ends_only_gets_them_where_they_were_asked_for() {
    let mut routing = routing();
    routing.receivers = vec![receiver("all", [Ear { ends: false, ..ear() }])];
    let mut stage = Stage::new(routing);
    stage.fire("alertname=Down");
    stage.pass(15);
    silence(&mut stage, &["alertname=Down"], 100);
    stage.end("alertname=Down");
    stage.pass(200);
    stage.fire("alertname=Down");
    stage.pass(15);
    assert_eq!(
        stage.take(),
        ["10 all/ear[0] news +Down", "225 all/ear[0] news +Down"],
        "an end in silence is noted too: it is a new beginning"
    );
}

#[test]
fn what_is_acknowledged_is_not_repeated_until_that_ends() {
    let mut stage = Stage::new(routing());
    stage.fire("alertname=Down host=a");
    stage.fire("alertname=Down host=b");
    stage.pass(15);
    stage.take();
    assert_eq!(acknowledge(&mut stage, &["host=a"], None), 1);
    assert_eq!(acknowledge(&mut stage, &["host=x"], None), 0);
    stage.pass(3_660);
    assert_eq!(stage.take(), ["3670 all/ear[0] repeat +Down/b"]);
    acknowledge(&mut stage, &["host=b"], Some(5_000));
    stage.pass(4_000);
    assert_eq!(stage.take(), [""; 0]);
    stage.fire("alertname=Down host=c");
    stage.pass(60);
    assert_eq!(stage.take(), ["7690 all/ear[0] news +Down/a +Down/b +Down/c"], "news tell how it stands");
    stage.pass(3_660);
    assert_eq!(stage.take(), ["11350 all/ear[0] repeat +Down/b +Down/c"], "the one of b is over by now");
    // It ends with the alert.
    stage.end("alertname=Down host=a");
    stage.pass(60);
    stage.fire("alertname=Down host=a");
    assert!(stage.dispatcher.acknowledgements().get(of("alertname=Down host=a")).is_none());
    let withdrawn = of("alertname=Down host=b");
    assert!(stage.dispatcher.acknowledgements().get(withdrawn).is_none());
}

#[test]
fn who_takes_one_alert_at_a_time_hears_only_what_is_new() {
    let mut routing = routing();
    routing.receivers = vec![receiver("all", [Ear { single: true, ..ear() }])];
    let mut stage = Stage::new(routing);
    stage.fire("alertname=Down host=a");
    stage.pass(15);
    stage.fire("alertname=Down host=b");
    stage.pass(60);
    stage.end("alertname=Down host=a");
    stage.pass(60);
    assert_eq!(
        stage.take(),
        ["10 all/ear[0] news +Down/a", "70 all/ear[0] news +Down/b", "130 all/ear[0] news -Down/a"]
    );
    stage.pass(3_660);
    assert_eq!(stage.take(), ["3790 all/ear[0] repeat +Down/b"]);
}

fn escalating() -> Stage {
    let mut routing = routing();
    let names = ["all", "lead", "boss"];
    routing.receivers = names.iter().map(|name| receiver(name, [ear()])).collect();
    let step = |severity: &str, minutes: u64, receiver: &str| Escalation {
        severity: severity.into(),
        after: Duration::from_secs(minutes * 60),
        receiver: receiver.into(),
    };
    let escalation =
        vec![step("critical", 10, "boss"), step("critical", 5, "lead"), step("high", 15, "lead")];
    Stage::on_disk(routing, Additions { escalation, ..Additions::default() })
}

#[test]
fn where_nobody_acknowledges_the_next_one_is_told_and_is_told_the_end() {
    let mut stage = escalating();
    stage.fire("alertname=Down severity=critical");
    stage.fire("alertname=Slow severity=high");
    stage.fire("alertname=Odd severity=low");
    stage.pass(400);
    stage.heard.retain(|it| !it.target.starts_with("all"));
    assert_eq!(stage.take(), ["310 lead/ear[0] escalation +Down/critical"]);
    stage.restart(10);
    stage.pass(290);
    assert_eq!(stage.take(), ["610 boss/ear[0] escalation +Down/critical"]);
    stage.end("alertname=Down severity=critical");
    stage.heard.retain(|it| !it.target.starts_with("all"));
    assert_eq!(
        stage.take(),
        ["700 lead/ear[0] news -Down/critical", "700 boss/ear[0] news -Down/critical"],
        "at once"
    );
    stage.pass(300);
    stage.heard.retain(|it| !it.target.starts_with("all"));
    assert_eq!(stage.take(), ["910 lead/ear[0] escalation +Slow/high"]);
    let audit: Vec<String> = stage.dispatcher.audit().iter().map(|it| it.detail.clone()).collect();
    assert_eq!(audit[0], r#"{alertname="Slow", severity="high"} to lead"#);
}

#[test]
fn an_acknowledgement_holds_escalation_and_a_silence_puts_it_off() {
    let mut stage = escalating();
    stage.fire("alertname=Down severity=critical");
    stage.fire("alertname=Gone severity=critical");
    stage.pass(100);
    stage.take();
    acknowledge(&mut stage, &["alertname=Down"], Some(1_000));
    silence(&mut stage, &["alertname=Gone"], 400);
    stage.pass(450);
    assert_eq!(stage.take(), ["550 lead/ear[0] escalation +Gone/critical"], "looked at each minute");
    stage.pass(49);
    stage.restart(1);
    stage.pass(500);
    assert_eq!(
        stage.take(),
        ["850 boss/ear[0] escalation +Gone/critical", "1100 lead/ear[0] escalation +Down/critical"],
    );
    acknowledge(&mut stage, &["alertname=Down"], None);
    stage.pass(1_000);
    assert_eq!(stage.take(), [""; 0]);
    let down = of("alertname=Down severity=critical");
    let of_down = matchers(&["alertname=Down"]);
    let withdraw = |stage: &mut Stage| {
        stage.with_writes(|it, book, now, writes| it.withdraw(&of_down, "bob", now, book, writes))
    };
    assert_eq!(withdraw(&mut stage), [down]);
    assert_eq!(withdraw(&mut stage), [], "nobody takes care of it any more");
    stage.pass(1);
    assert_eq!(stage.take(), ["2100 boss/ear[0] escalation +Down/critical"]);
}

#[test]
fn what_comes_and_goes_is_said_to_once_and_its_last_state_when_it_is_calm() {
    let mut routing = routing();
    routing.route.group_interval = Duration::from_secs(10);
    let flapping = Flapping { changes: 4, window: Duration::from_secs(600), calm: Duration::from_secs(120) };
    for (last, wanted) in [(true, [""; 0].as_slice()), (false, &["-Down"])] {
        let additions = Additions { flapping: Some(flapping.clone()), ..Additions::default() };
        let mut stage = Stage::with(routing.clone(), additions, None);
        for _ in 0..6 {
            stage.fire("alertname=Down");
            stage.pass(20);
            stage.end("alertname=Down");
            stage.pass(20);
        }
        assert_eq!(
            stage.take(),
            [
                "10 all/ear[0] news +Down",
                "30 all/ear[0] news -Down",
                "50 all/ear[0] news +Down",
                "70 all/ear[0] news -Down",
                "90 all/ear[0] news +Down",
            ],
            "at the fifth change it is held, and known to fire"
        );
        if last {
            stage.fire("alertname=Down");
        }
        let explained = stage.dispatcher.explain(&labels("alertname=Down"), &stage.book, stage.now);
        assert!(explained.steps.iter().any(|step| matches!(step, Explained::Flapping { .. })));
        stage.pass(300);
        let heard: Vec<_> = stage.take();
        let said: Vec<&str> = heard.iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
        assert_eq!(said, wanted, "{heard:?}");
    }
}

#[test]
fn the_one_note_says_that_it_comes_and_goes() {
    let mut routing = routing();
    routing.route.group_interval = Duration::from_secs(10);
    let flapping = Flapping { changes: 2, window: Duration::from_secs(600), calm: Duration::from_secs(120) };
    let additions = Additions { flapping: Some(flapping), ..Additions::default() };
    let mut stage = Stage::with(routing, additions, None);
    stage.fire("alertname=Down");
    stage.pass(15);
    stage.end("alertname=Down");
    stage.fire("alertname=Down");
    stage.open = false;
    stage.pass(15);
    let (target, _) = stage.targets().remove(0);
    let message = stage.deliver_one(&target).unwrap();
    let note = &message.alerts[0].alert.annotations["flapping"];
    assert!(note.contains("3 changes") && note.contains("calm for 2 minutes"), "{note}");
    stage.pass(300);
    assert!(stage.deliver_one(&target).is_none(), "said once, and it fires when it is calm");
}

#[test]
fn a_feed_takes_alerts_as_they_come_and_again() {
    let feed =
        |of: FeedOf| Ear { kind: "feed", feed: Some(Feed { repeat: Duration::from_secs(60), of }), ..ear() };
    let mut routing = routing();
    routing.route.routes = vec![child(&routing.route, "other", &["team=b"])];
    routing.receivers = vec![
        receiver("all", [feed(FeedOf::All)]),
        receiver("other", [feed(FeedOf::Routed), ear()]),
        receiver("heart", [feed(FeedOf::Named("Watchdog".into()))]),
    ];
    let mut stage = Stage::on_disk(routing.clone(), Additions::default());
    silence(&mut stage, &["alertname=~.+"], 10_000);
    stage.fire("alertname=Watchdog");
    stage.fire("alertname=Down team=b");
    assert_eq!(
        stage.take(),
        [
            "0 all/feed[0] news +Watchdog",
            "0 heart/feed[0] news +Watchdog",
            "0 all/feed[0] news +Down/b",
            "0 other/feed[0] news +Down/b",
        ]
    );
    stage.pass(65);
    stage.end("alertname=Down team=b");
    assert_eq!(
        stage.take(),
        [
            "60 all/feed[0] repeat +Down/b +Watchdog",
            "60 other/feed[0] repeat +Down/b",
            "60 heart/feed[0] repeat +Watchdog",
            "65 all/feed[0] news -Down/b",
            "65 other/feed[0] news -Down/b",
        ]
    );
    stage.fire("alertname=Lost");
    stage.take();
    stage.lose("alertname=Lost");
    stage.restart(10);
    let heard: String = stage.take().join("\n");
    assert!(
        heard.contains("-Lost") && heard.contains("all/feed[0]") && heard.contains("heart/feed[0]"),
        "{heard}"
    );
    assert_eq!((heard.matches("-Lost").count(), heard.matches("+Watchdog").count()), (1, 2), "{heard}");
}

#[test]
fn an_alert_can_name_its_receivers() {
    let mut routing = routing();
    routing.receivers.push(receiver("team", [ear()]));
    let mut stage = Stage::new(routing);
    let raise = |stage: &mut Stage, name: &str, notify: &[&str]| {
        let mut alert = Alert::with_labels(labels(&format!("alertname={name}")));
        alert.notify = notify.iter().map(|&name| name.to_owned()).collect();
        alert.starts_at = stage.now;
        stage.apply(alert.into());
    };
    raise(&mut stage, "A", &["team"]);
    raise(&mut stage, "B", &["team", "all"]);
    raise(&mut stage, "C", &["nobody"]);
    stage.pass(10);
    let mut heard = stage.take();
    heard.sort();
    assert_eq!(
        heard,
        [
            "10 all/ear[0] news +B",
            "10 all/ear[0] news +C",
            "10 team/ear[0] news +A",
            "10 team/ear[0] news +B",
        ]
    );
}

#[test]
fn it_can_be_explained() {
    let mut routing = routing();
    let mut paged = child(&routing.route, "pager", &["severity=critical"]);
    paged.routes = vec![child(&paged, "nobody", &["team=x"])];
    routing.route.routes = vec![paged];
    routing.receivers.extend([receiver("pager", [ear()]), receiver("nobody", [])]);
    routing.inhibit_rules = vec![inhibit(&["alertname=Site"], &["alertname=Down"], &[])];
    let mut stage = Stage::new(routing);
    let explain = |stage: &Stage, of: &Labels| {
        let explanation = stage.dispatcher.explain(of, &stage.book, stage.now);
        (explanation.verdict, explanation.to_string())
    };
    let down = labels("alertname=Down severity=critical");
    let (verdict, text) = explain(&stage, &down);
    assert_eq!(verdict, Verdict::Absent);
    assert!(text.contains("no rule found it") && text.contains("sends it to pager"), "{text}");
    stage.fire("alertname=Down severity=critical");
    assert_eq!(explain(&stage, &down).0, Verdict::Waiting);
    stage.pass(10);
    let (verdict, text) = explain(&stage, &down);
    assert_eq!(verdict, Verdict::Told);
    assert_eq!(
        text,
        "{alertname=\"Down\", severity=\"critical\"}: it was told\n\
         - the route {}/{severity=\"critical\"}/{team=\"x\"} does not take it: team=\"x\" does not hold\n\
         - the route {}/{severity=\"critical\"} sends it to pager, in the group {alertname=\"Down\"}\n\
         - its group {alertname=\"Down\"} is looked at next at 2026-01-01T00:01:10Z\n\
         - pager/ear[0] was told at 2026-01-01T00:00:10Z that it is firing, and is told again after 2026-01-01T01:00:10Z"
    );
    stage.fire("alertname=Site");
    acknowledge(&mut stage, &["alertname=Down"], Some(60));
    silence(&mut stage, &["alertname=Down"], 60);
    let (verdict, text) = explain(&stage, &down);
    assert_eq!(verdict, Verdict::Quiet);
    assert!(text.contains("of ann holds until 2026-01-01T00:01:10Z: later"), "{text}");
    assert!(text.contains("{alertname=\"Site\"} inhibits it"), "{text}");
    assert!(text.contains("bob acknowledged it until"), "{text}");
    stage.fire("alertname=Odd severity=critical team=x");
    assert_eq!(explain(&stage, &labels("alertname=Odd severity=critical team=x")).0, Verdict::Nobody);
    stage.end("alertname=Down severity=critical");
    assert_eq!(explain(&stage, &down).0, Verdict::Over);
}
