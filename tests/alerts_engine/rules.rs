//! Rules from code and files, from the first sample to the message.

use std::fs;
use std::time::Duration;

use tower_watch::alert::config::{Additions, Route, Routing};
use tower_watch::alert::rules::Ready;
use tower_watch::alert::{Acknowledgement, Alert, AlertSettings, Severity, Silence};
use tower_watch::series::Matcher;
use tower_watch::watch::Preset;

use crate::scratch::Scratch;
use crate::world::{Recorder, World};

const MINUTE: Duration = Duration::from_secs(60);

fn settings(recorder: &Recorder) -> AlertSettings {
    let rule = Alert::rule("QueueFull").when("queue_depth > 10").for_(MINUTE).severity(Severity::High);
    AlertSettings::new().rule(rule).receiver("ops", recorder.clone())
}

#[tokio::test]
async fn a_rule_fires_is_told_and_is_over() {
    let recorder = Recorder::new();
    let world = World::new(settings(&recorder));
    world.queue(5.0);
    world.pass(MINUTE).await;
    assert!(world.firing().is_empty());
    world.queue(50.0);
    world.pass(MINUTE / 2).await;
    assert!(world.firing().is_empty(), "it is pending");
    world.pass(MINUTE).await;
    assert_eq!(world.firing(), ["QueueFull"]);
    let active = &world.alerts().active()[0];
    assert_eq!(
        (active.labels.get("service"), active.labels.get("severity"), active.value),
        ("shop", "high", Some(50.0))
    );
    world.pass(MINUTE).await;
    assert_eq!(recorder.told(), ["firing QueueFull"], "after the group's wait, and once");
    world.queue(5.0);
    world.pass(MINUTE).await;
    assert!(world.firing().is_empty());
    world.pass(5 * MINUTE).await;
    assert_eq!(recorder.told(), ["resolved QueueFull"]);
    let history = world.alerts().history();
    assert_eq!(history.len(), 1);
    let series = world
        .watch
        .query("count_over_time(ALERTS{alertname=\"QueueFull\",alertstate=\"firing\"}[15m])")
        .await;
    assert!(format!("{:?}", series.unwrap().value).contains("QueueFull"));
}

#[tokio::test]
async fn a_silence_keeps_it_quiet_and_its_end_is_told_all_the_same() {
    let recorder = Recorder::new();
    let world = World::new(settings(&recorder));
    let silence = |world: &World| {
        let now = world.watch.now().unwrap();
        Silence::new(vec![Matcher::equal("alertname", "QueueFull")], now, now + 3_600_000, "ann", "known")
    };
    let id = world.alerts().silence(silence(&world)).unwrap();
    world.queue(50.0);
    world.pass(5 * MINUTE).await;
    assert_eq!(world.firing(), ["QueueFull"]);
    assert!(recorder.told().is_empty());
    let labels = world.alerts().active()[0].labels.clone();
    let explanation = world.alerts().explain(&labels).unwrap().to_string();
    assert!(explanation.contains(&id), "{explanation}");
    world.alerts().expire_silence(&id, "ann").unwrap();
    world.pass(6 * MINUTE).await;
    assert_eq!(recorder.told(), ["firing QueueFull"]);
    world.alerts().silence(silence(&world)).unwrap();
    world.queue(0.0);
    world.pass(6 * MINUTE).await;
    assert_eq!(recorder.told(), ["resolved QueueFull"]);
    let audit: Vec<String> = world.alerts().audit().into_iter().map(|entry| entry.what).collect();
    assert_eq!(audit, ["silenced", "silence expired", "silenced"]);
}

#[tokio::test]
async fn what_somebody_takes_care_of_is_not_repeated() {
    let recorder = Recorder::new();
    let route = Route::to("ops").repeat_interval(10 * MINUTE).group_wait(Duration::from_secs(1));
    let routing = Routing::builder(route).receiver("ops", recorder.clone()).build().unwrap();
    let rule = Alert::rule("QueueFull").when("queue_depth > 10");
    let world = World::new(AlertSettings::new().rule(rule).routing(routing));
    world.queue(50.0);
    // A group speaks at its interval of 5 minutes, and again when the last word is 10 minutes old.
    world.pass(17 * MINUTE).await;
    assert_eq!(recorder.told(), ["firing QueueFull", "firing QueueFull"]);
    let ann = Acknowledgement::new("ann", "on it", world.watch.now().unwrap());
    assert_eq!(world.alerts().acknowledge(&[Matcher::equal("alertname", "QueueFull")], &ann), 1);
    world.pass(30 * MINUTE).await;
    assert_eq!(recorder.told(), ["acknowledged QueueFull"]);
    world.queue(0.0);
    world.pass(10 * MINUTE).await;
    assert_eq!(recorder.told(), ["resolved QueueFull"]);
}

#[tokio::test]
async fn a_reload_is_all_or_nothing() {
    let scratch = Scratch::new("reload");
    let file =
        scratch.file("rules.yml", "groups: [{name: a, rules: [{alert: Full, expr: queue_depth > 10}]}]");
    let recorder = Recorder::new();
    let settings = AlertSettings::new().rules_file(&file).receiver("ops", recorder.clone());
    let world = World::new(settings);
    world.queue(50.0);
    world.pass(2 * MINUTE).await;
    assert_eq!(world.firing(), ["Full"]);
    assert_eq!(recorder.told(), ["firing Full"]);

    fs::write(&file, "groups: [{name: a, rules: [{alert: Full, expr: queue_depth >}]}]").unwrap();
    let error = world.alerts().reload().unwrap_err().to_string();
    assert!(error.starts_with("nothing was reloaded") && error.contains("rules.yml:1:"), "{error}");
    world.pass(MINUTE).await;
    assert_eq!(world.firing(), ["Full"], "everything goes on as it was");

    fs::write(&file, "groups: [{name: a, rules: [{alert: Fuller, expr: queue_depth > 20}]}]").unwrap();
    world.alerts().reload().unwrap();
    world.pass(6 * MINUTE).await;
    assert_eq!(world.firing(), ["Fuller"]);
    let told = recorder.told().join("; ");
    assert!(told.contains("resolved Full") && told.contains("firing Fuller"), "{told}");
}

#[tokio::test]
async fn a_file_that_has_changed_is_read_again() {
    let scratch = Scratch::new("changed");
    let file =
        scratch.file("rules.yml", "groups: [{name: a, rules: [{alert: Full, expr: queue_depth > 10}]}]");
    let world = World::new(
        AlertSettings::new().rules_file(scratch.path().join("*.yml")).receiver("ops", Recorder::new()),
    );
    world.queue(50.0);
    world.pass(MINUTE).await;
    assert_eq!(world.firing(), ["Full"]);
    fs::write(&file, "groups: [{name: a, rules: [{alert: Full, expr: nonsense(}]}]").unwrap();
    world.pass(MINUTE).await;
    assert_eq!(world.firing(), ["Full"], "what is wrong changes nothing");
    scratch.file("more.yml", "groups: [{name: b, rules: [{alert: Fuller, expr: queue_depth > 20}]}]");
    fs::write(&file, "groups: []").unwrap();
    world.pass(MINUTE).await;
    assert_eq!(world.firing(), ["Fuller"]);
    let audit: Vec<String> =
        world.alerts().audit().into_iter().map(|entry| entry.who + " " + &entry.what).collect();
    assert_eq!(audit, ["file reloaded", "file reload refused"]);
}

#[tokio::test]
async fn what_nobody_takes_care_of_goes_to_the_next() {
    let (first, second) = (Recorder::new(), Recorder::new());
    let rule = Alert::rule("QueueFull").when("queue_depth > 10").severity(Severity::Critical);
    let settings = AlertSettings::new()
        .rule(rule)
        .receiver("first", first.clone())
        .receiver("second", second.clone())
        .additions(Additions::new().escalate("critical", 5 * MINUTE, "second"));
    let world = World::new(settings);
    world.queue(50.0);
    world.pass(4 * MINUTE).await;
    assert_eq!((first.told().len(), second.told().len()), (1, 0));
    world.pass(4 * MINUTE).await;
    assert_eq!(second.told(), ["firing QueueFull"]);
    world.queue(0.0);
    world.pass(10 * MINUTE).await;
    assert_eq!(
        (first.told(), second.told()),
        (vec!["resolved QueueFull".into()], vec!["resolved QueueFull".into()])
    );
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let scratch = Scratch::new("restart");
    let recorder = Recorder::new();
    let hand = {
        let world = World::built(|builder| builder.data_dir(scratch.path()).alerts(settings(&recorder)));
        world.queue(50.0);
        world.pass(3 * MINUTE).await;
        world.alerts().raise(Alert::new("StockIsOut"));
        world.pass(6 * MINUTE).await;
        assert!(recorder.told().concat().contains("firing StockIsOut"));
        world.watch.shutdown().await;
        world.hand
    };
    drop(hand);
    let world = World::built(|builder| builder.data_dir(scratch.path()).alerts(settings(&recorder)));
    world.alerts().tick();
    assert_eq!(world.firing().len(), 2, "{:?}", world.firing());
    world.queue(50.0);
    world.pass(10 * MINUTE).await;
    assert!(recorder.told().is_empty(), "it was told already");
    world.queue(0.0);
    world.alerts().resolve(&Alert::new("StockIsOut").labels);
    world.pass(10 * MINUTE).await;
    let told = recorder.told().join(", ");
    assert!(told.contains("resolved QueueFull") && told.contains("resolved StockIsOut"), "{told}");
}

#[tokio::test]
async fn the_ready_set_is_the_presets_to_have() {
    let quiet = || AlertSettings::new().receiver("ops", Recorder::new());
    for (preset, settings, watched) in [
        (Preset::Production, quiet(), true),
        (Preset::Production, quiet().without_ready(), false),
        (Preset::Development, quiet(), false),
        (Preset::Development, quiet().ready(Ready::production()), true),
    ] {
        let world = World::built(|builder| builder.preset(preset).alerts(settings));
        world.pass(2 * MINUTE).await;
        let expected: &[&str] = if watched { &["Watchdog"] } else { &[] };
        assert_eq!(world.firing(), expected, "{preset:?}");
    }
}
