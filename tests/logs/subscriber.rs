//! The subscriber of the process, and the parts in one's own.

use std::fs;
use std::time::Duration;

use tower_watch::telemetry::logs::{Logs, Sink};
use tower_watch::telemetry::{self, TelemetryBuilder};
use tracing::info;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::child;
use crate::support::{Folder, Kept, block_on, parse};

const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn a_second_subscriber_is_a_clear_error() {
    child::run("subscriber::a_second_subscriber_is_a_clear_error", || {
        telemetry::init().unwrap();
        let error = telemetry::init().unwrap_err();
        let (place, message) = error.problems().next().unwrap();
        assert!(
            place == "init" && message.contains("call init once") && message.contains("start"),
            "{error}"
        );
    });
}

#[test]
fn the_parts_go_into_a_subscriber_of_ones_own() {
    child::run("subscriber::the_parts_go_into_a_subscriber_of_ones_own", || {
        let folder = Folder::new("parts");
        let path = folder.0.join("log");
        let logs = Logs::json().to(Sink::file(&path));
        let (layers, telemetry) = TelemetryBuilder::new().service("orders").logs(logs).start().unwrap();
        let own = Kept::default();
        let mine = tracing_subscriber::fmt::layer().with_writer(own.clone());
        tracing_subscriber::registry().with(layers).with(mine).try_init().unwrap();
        info!("to both");
        assert!(block_on(telemetry.flush(PATIENCE)));
        let line = parse(&fs::read_to_string(&path).unwrap());
        assert_eq!((&line["message"], &line["service"]), (&"to both".into(), &"orders".into()));
        assert!(own.texts().concat().contains("to both"));
    });
}

#[test]
fn records_of_the_log_crate_are_lines_too() {
    child::run("subscriber::records_of_the_log_crate_are_lines_too", || {
        let folder = Folder::new("log-crate");
        let path = folder.0.join("log");
        let text = folder.0.join("text");
        let logs = Logs::json().to(Sink::file(&path)).level("info,noisy=off");
        let telemetry = TelemetryBuilder::new().logs(logs).logs(Logs::text().to(Sink::file(&text)));
        let telemetry = telemetry.init().unwrap();
        log::warn!(target: "old::library", "with token={}", "abc");
        log::error!(target: "noisy", "not this");
        log::debug!(target: "old::library", "nor this");
        assert!(block_on(telemetry.flush(PATIENCE)));
        let line = parse(&fs::read_to_string(&path).unwrap());
        assert_eq!((&line["target"], &line["level"]), (&"old::library".into(), &"WARN".into()));
        assert_eq!(line["message"], "with token=[redacted]");
        assert!(line.as_object().unwrap().keys().all(|key| !key.starts_with("log.")), "{line:#}");
        let text = fs::read_to_string(&text).unwrap();
        assert!(text.contains("WARN  old::library: with token=[redacted]\n"), "{text}");
    });
}

#[test]
fn several_places_take_the_same_lines() {
    child::run("subscriber::several_places_take_the_same_lines", || {
        let folder = Folder::new("several");
        let (all, few) = (folder.0.join("all"), folder.0.join("few"));
        let telemetry = TelemetryBuilder::new()
            .logs(Logs::json().to(Sink::file(&all)))
            .logs(Logs::text().to(Sink::file(&few)).level("warn"))
            .init()
            .unwrap();
        info!("info");
        tracing::warn!("warn");
        assert!(block_on(telemetry.shutdown(PATIENCE)));
        assert_eq!(fs::read_to_string(&all).unwrap().lines().count(), 2);
        let few = fs::read_to_string(&few).unwrap();
        assert!(few.lines().count() == 1 && few.contains("WARN"), "{few}");
    });
}
