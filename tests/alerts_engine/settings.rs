//! What settings cannot be.

use std::time::Duration;

use tower_watch::Watch;
use tower_watch::alert::config::Additions;
use tower_watch::alert::{Alert, AlertSettings};
use tower_watch::watch::WatchBuilder;

use crate::scratch::Scratch;
use crate::world::{Recorder, World};

fn said(change: impl FnOnce(WatchBuilder) -> WatchBuilder) -> Vec<String> {
    let Err(error) = change(Watch::builder("shop")).local().start() else { return Vec::new() };
    error.problems().iter().map(|problem| format!("{}: {}", problem.field(), problem.message())).collect()
}

#[test]
fn every_problem_is_said_at_once() {
    let settings = AlertSettings::new()
        .evaluate_every(Duration::ZERO)
        .notification_timeout(Duration::from_millis(1))
        .environment(" ")
        .external_url("shop.example")
        .max_active(0)
        .receiver("", Recorder::new())
        .rule("orders_total ~ 5")
        .rules_file("no/such/file.yml");
    let said = said(|builder| builder.alerts(settings));
    let expected = [
        "alerts: evaluate_every(0ns): give 1 s to 1 hour; 15 s is the default",
        "alerts: notification_timeout(1ms): give 100 ms to 5 minutes; 10 s is the default",
        "alerts: environment(\"\"): an empty name says nothing; give one, or leave it out",
        "alerts: external_url(\"shop.example\"): a link begins with http:// or https://",
        "alerts: max_active(0): nothing could ever fire; 10,000 is the default",
        "alerts: 1:14: in \"orders_total ~ 5\": \"~\" is nothing to look at: write p95, rate, increase, avg, latest, max, \
         min, sum, absent or a comparison",
        "alerts: no/such/file.yml: it cannot be read: No such file or directory (os error 2)",
        "alerts: receiver(\"\", ..): a receiver has a name that routes call it by",
    ];
    assert_eq!(said, expected);
}

#[test]
fn there_is_nothing_to_watch_without_a_past() {
    let [said] = &said(|builder| builder.without_store().alerts(AlertSettings::new()))[..] else {
        panic!("not one")
    };
    assert!(said.starts_with("alerts: nothing is kept of the past"), "{said}");
}

/// Closures and receivers of one's own have no other way into a file's routes.
#[tokio::test]
async fn a_routing_file_names_receivers_of_the_program() {
    let scratch = Scratch::new("named");
    let additions = scratch.file("own.yml", "escalation: [{severity: critical, receiver: boss, after: 5m}]");
    for (routing, receivers) in [
        ("undeclared", "receivers: [{name: other}]"),
        ("declared", "receivers: [{name: other}, {name: ops}]"),
    ] {
        let text = format!("route: {{receiver: other, routes: [{{receiver: ops}}]}}\n{receivers}\n");
        let (ops, file) = (Recorder::new(), scratch.file(routing, &text));
        let settings = || AlertSettings::new().routing_file(&file).additions_file(&additions);
        let without = said(|builder| builder.alerts(settings().receiver("boss", Recorder::new())));
        assert_eq!(without.is_empty(), routing == "declared", "{without:?}");
        let world = World::new(settings().receiver("ops", ops.clone()).receiver("boss", Recorder::new()));
        world.alerts().raise(Alert::new("Down"));
        world.pass(Duration::from_secs(60)).await;
        assert_eq!(ops.told(), ["firing Down"], "{routing}");
        world.alerts().reload().unwrap();
        let [no_boss] = &said(|builder| builder.alerts(settings().receiver("ops", ops)))[..] else {
            panic!("one problem")
        };
        assert!(
            no_boss.contains("own.yml:1:45: escalation[0].receiver: no receiver is called \"boss\""),
            "{no_boss}"
        );
    }
    let taken = scratch.file(
        "taken",
        "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://h/'}]}]\n",
    );
    let [said] = &said(|builder| {
        builder.alerts(AlertSettings::new().routing_file(taken).receiver("a", Recorder::new()))
    })[..] else {
        panic!("one problem")
    };
    assert!(said.contains("the routing has a receiver of that name"), "{said}");
}

#[test]
fn a_receiver_that_there_is_not_is_named() {
    let rule = Alert::rule("QueueFull").when("queue_depth > 10").notify("pager");
    let settings = AlertSettings::new()
        .rule(rule)
        .receiver("ops", Recorder::new())
        .additions(Additions::new().escalate("critical", Duration::from_secs(300), "management"));
    let said = said(|builder| builder.alerts(settings));
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("rule \"QueueFull\": notify(\"pager\"): there is no such receiver"), "{said:?}");
    assert!(said[1].contains("\"management\""), "{said:?}");
}
