//! What people do about alerts, and who hears of that.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_watch::alert::receivers::SendError;
use tower_watch::alert::{Acknowledgement, Alert, AlertSettings, Alerts};
use tower_watch::registers::Format;
use tower_watch::series::Matcher;

use crate::scratch::Scratch;
use crate::world::{Recorder, World};

const MINUTE: Duration = Duration::from_secs(60);

fn acknowledge(world: &World, name: &str) -> usize {
    let ann = Acknowledgement::new("ann", "on it", world.watch.now().unwrap());
    world.alerts().acknowledge(&[Matcher::equal("alertname", name)], &ann)
}

#[tokio::test]
async fn an_acknowledgement_comes_after_the_alert_and_is_tried_again() {
    let recorder = Recorder::new();
    let world = World::new(AlertSettings::new().receiver("ops", recorder.clone()));
    *recorder.down.lock().unwrap() = Some(SendError::retry("503"));
    world.alerts().raise(Alert::new("Down"));
    world.pass(MINUTE).await;
    assert_eq!(acknowledge(&world, "Down"), 1);
    world.pass(MINUTE).await;
    *recorder.down.lock().unwrap() = None;
    world.pass(10 * MINUTE).await;
    assert_eq!(recorder.told(), ["firing Down", "acknowledged Down"], "each once, and in this order");

    *recorder.down.lock().unwrap() = Some(SendError::retry("503"));
    assert_eq!(acknowledge(&world, "Down"), 1);
    world.pass(MINUTE).await;
    *recorder.down.lock().unwrap() = None;
    world.pass(10 * MINUTE).await;
    assert_eq!(recorder.told(), ["acknowledged Down"], "once more, and again until it is taken");

    *recorder.down.lock().unwrap() = Some(SendError::refused("400"));
    acknowledge(&world, "Down");
    world.pass(MINUTE).await;
    *recorder.down.lock().unwrap() = None;
    world.pass(10 * MINUTE).await;
    assert!(recorder.told().is_empty(), "what is refused is not said again");
}

#[tokio::test]
async fn an_acknowledgement_that_is_withdrawn_is_not_passed_on() {
    let recorder = Recorder::new();
    let world = World::new(AlertSettings::new().receiver("ops", recorder.clone()));
    world.alerts().raise(Alert::new("Down"));
    world.pass(MINUTE).await;
    assert_eq!(recorder.told(), ["firing Down"]);
    assert_eq!(acknowledge(&world, "Down"), 1);
    let down = [Matcher::equal("alertname", "Down")];
    assert_eq!(world.alerts().withdraw_acknowledgement(&down, "bob"), 1);
    assert_eq!(world.alerts().withdraw_acknowledgement(&down, "bob"), 0);
    world.pass(MINUTE).await;
    assert!(recorder.told().is_empty());
    let audit = world.alerts().audit();
    let said: Vec<String> = audit.iter().map(|entry| format!("{} {}", entry.who, entry.what)).collect();
    assert_eq!(said, ["bob acknowledgement withdrawn", "ann acknowledged"]);
}

#[tokio::test]
async fn one_word_about_many_alerts_is_one_line_of_the_audit_log() {
    let world = World::new(AlertSettings::new());
    for host in 0..2_000 {
        world.alerts().raise(Alert::new("Down").label("host", host.to_string()));
    }
    world.alerts().tick();
    let long = "z".repeat(1 << 20);
    let ann = Acknowledgement::new("ann", &long, world.watch.now().unwrap());
    assert_eq!(world.alerts().acknowledge(&[Matcher::equal("alertname", "Down")], &ann), 2_000);
    let audit = world.alerts().audit();
    assert_eq!(audit.len(), 1);
    assert!(audit[0].detail.starts_with("2000 alerts that pass {alertname=\"Down\"}: zzz"));
    assert_eq!(audit[0].detail.len(), 4_096);
    let alert = &world.alerts().active()[0];
    let explained = world.alerts().explain(&alert.labels).unwrap().to_string();
    assert!(explained.len() < 6_000, "a comment is kept once for each alert: {}", explained.len());
}

fn changes(alerts: &Alerts) -> Arc<Mutex<Vec<String>>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    alerts.on_change(move |change| {
        told.lock().unwrap().push(format!("{} {}", change.status, change.alert.name()));
    });
    heard
}

#[tokio::test]
async fn a_restart_is_no_change() {
    let scratch = Scratch::new("listeners");
    let rule = || Alert::rule("QueueFull").when("queue_depth > 10");
    let settings = || AlertSettings::new().rule(rule()).receiver("ops", Recorder::new());
    let world = World::built(|builder| builder.data_dir(scratch.path()).alerts(settings()));
    let heard = changes(world.alerts());
    world.queue(50.0);
    world.alerts().raise(Alert::new("StockIsOut"));
    world.alerts().raise(Alert::new("Brief"));
    world.pass(MINUTE).await;
    world.alerts().resolve(&Alert::new("Brief").labels);
    world.alerts().tick();
    world.alerts().deliver().await;
    let mut said = heard.lock().unwrap().clone();
    said.sort();
    assert_eq!(said, ["firing Brief", "firing QueueFull", "firing StockIsOut", "resolved Brief"]);
    world.watch.shutdown().await;
    drop(world);

    let world = World::built(|builder| builder.data_dir(scratch.path()).alerts(settings()));
    let heard = changes(world.alerts());
    world.queue(50.0);
    world.pass(MINUTE).await;
    assert_eq!(world.firing().len(), 2);
    assert_eq!(*heard.lock().unwrap(), [""; 0], "it fires as before");
    world.queue(0.0);
    world.alerts().resolve(&Alert::new("StockIsOut").labels);
    world.pass(MINUTE).await;
    let mut said = std::mem::take(&mut *heard.lock().unwrap());
    said.sort();
    assert_eq!(said, ["resolved QueueFull", "resolved StockIsOut"]);
    world.alerts().raise(Alert::new("StockIsOut"));
    world.pass(MINUTE).await;
    assert_eq!(*heard.lock().unwrap(), ["firing StockIsOut"]);
}

#[tokio::test]
async fn what_is_there_and_what_was_dropped_is_counted() {
    let rule = Alert::rule("QueueFull").when("queue_depth > 10").for_(MINUTE);
    let world = World::new(AlertSettings::new().rule(rule).max_active(2));
    world.queue(50.0);
    world.pass(MINUTE / 2).await;
    for host in 0..5 {
        world.alerts().raise(Alert::new("Down").label("host", host.to_string()));
    }
    world.alerts().tick();
    let shown = world.watch.registers().render(Format::Text);
    for line in [
        "tower_watch_alerts{state=\"firing\"} 2",
        "tower_watch_alerts{state=\"pending\"} 1",
        "tower_watch_alerts_dropped_total{reason=\"full\"} 3",
    ] {
        assert!(shown.contains(line), "{line} is not in\n{shown}");
    }
}
