//! Which lines are written: RUST_LOG and what the builder says hold for lines, and neither for spans nor for the access line.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use tower_watch::layers::spans;
use tower_watch::telemetry::logs::{Logs, Sink};
use tower_watch::telemetry::{Telemetry, TelemetryBuilder, event};
use tower_watch::{RouterExt, Watch};
use tracing::{debug, info, warn};

use crate::child;
use crate::support::{Folder, ask, block_on, get as request};

fn messages(telemetry: &Telemetry, path: &Path) -> Vec<String> {
    assert!(block_on(telemetry.flush(Duration::from_secs(10))));
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, "").unwrap();
    let message =
        |line: &str| crate::support::parse(&format!("{line}\n"))["message"].as_str().unwrap().to_owned();
    text.lines().map(message).collect()
}

fn start(path: &Path, level: &str) -> Telemetry {
    TelemetryBuilder::new().logs(Logs::json().to(Sink::file(path)).level(level)).init().unwrap()
}

fn log_all() {
    debug!("debug");
    info!("info");
    warn!("warn");
}

#[test]
fn rust_log_is_stronger_and_leaves_spans_and_access_lines() {
    child::run_with(
        "levels::rust_log_is_stronger_and_leaves_spans_and_access_lines",
        &[("RUST_LOG", "warn")],
        || {
            let folder = Folder::new("rust-log");
            let path = folder.0.join("log");
            let telemetry = start(&path, "debug");
            let watch = Watch::builder("orders").local().start().unwrap();
            let handler = async || {
                log_all();
                event("order_placed").emit();
                let entered = tracing::info_span!("work").in_scope(spans::current).unwrap();
                assert_ne!(
                    Some(entered.span_id),
                    spans::current().map(|context| context.span_id),
                    "spans are there"
                );
            };
            block_on(ask(&Router::new().route("/", get(handler)).watched(&watch), request("/")));
            assert_eq!(messages(&telemetry, &path), ["warn", "business event", "request finished"]);
        },
    );
}

#[test]
fn the_level_is_changed_while_running_and_falls_back_by_itself() {
    child::run("levels::the_level_is_changed_while_running_and_falls_back_by_itself", || {
        let folder = Folder::new("reload");
        let path = folder.0.join("log");
        let telemetry = start(&path, "info");
        log_all();
        assert_eq!(messages(&telemetry, &path), ["info", "warn"]);

        telemetry.set_log_level("debug", None).unwrap();
        log_all();
        assert_eq!(messages(&telemetry, &path), ["debug", "info", "warn"]);

        let error = telemetry.set_log_level("info,orders=loud", None).unwrap_err().to_string();
        assert!(error.contains("loud") && error.contains("target=level"), "{error}");

        telemetry.set_log_level("warn", Some(Duration::from_millis(300))).unwrap();
        log_all();
        assert_eq!(messages(&telemetry, &path), ["warn"]);
        let started = Instant::now();
        while !tracing::enabled!(tracing::Level::INFO) || messages(&telemetry, &path).is_empty() {
            assert!(started.elapsed() < Duration::from_secs(10));
            std::thread::sleep(Duration::from_millis(20));
            info!("info");
        }
        assert!(started.elapsed() >= Duration::from_millis(200), "not at once");

        // A later word outlives the end of an earlier one.
        telemetry.set_log_level("warn", Some(Duration::from_millis(50))).unwrap();
        telemetry.set_log_level("debug", None).unwrap();
        std::thread::sleep(Duration::from_millis(150));
        log_all();
        assert_eq!(messages(&telemetry, &path), ["debug", "info", "warn"]);
    });
}

#[test]
fn the_access_line_has_its_own_level_and_can_be_named() {
    child::run("levels::the_access_line_has_its_own_level_and_can_be_named", || {
        let folder = Folder::new("named");
        let path = folder.0.join("log");
        let telemetry = start(&path, "error");
        let watch = Watch::builder("orders").local().start().unwrap();
        let app = Router::new().route("/", get(async || log_all())).watched(&watch);
        block_on(ask(&app, request("/")));
        assert_eq!(messages(&telemetry, &path), ["request finished"]);
        for silent in ["info,tower_watch::access=off", "off"] {
            telemetry.set_log_level(silent, None).unwrap();
            block_on(ask(&app, request("/")));
            assert!(!messages(&telemetry, &path).contains(&"request finished".to_owned()), "{silent}");
        }
    });
}

#[test]
fn nonsense_is_named_at_the_start() {
    child::run_with("levels::nonsense_is_named_at_the_start", &[("RUST_LOG", "info,=,x=loud")], || {
        let error = TelemetryBuilder::new().logs(Logs::json().level("debug")).init().unwrap_err();
        let (place, message) = error.problems().next().unwrap();
        assert_eq!(place, "RUST_LOG");
        assert!(message.contains("x=loud") && message.contains("target=level"), "{message}");
    });
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_named_at_the_start() {
    use std::os::unix::ffi::OsStrExt;
    const NAME: &str = "levels::bytes_that_are_no_text_are_named_at_the_start";
    if child::is_here() {
        let error = TelemetryBuilder::new().init().unwrap_err();
        let (place, message) = error.problems().next().unwrap();
        assert_eq!((place, message), ("RUST_LOG", "is not UTF-8"));
        return;
    }
    let mut child = child::command(NAME);
    let output = child.env("RUST_LOG", std::ffi::OsStr::from_bytes(b"info\xff")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Whoever sets a level for good has it, also at the moment at which an earlier one falls back.
#[test]
fn a_level_that_is_set_outlives_every_fall_back() {
    child::run("levels::a_level_that_is_set_outlives_every_fall_back", || {
        let folder = Folder::new("races");
        let telemetry = start(&folder.0.join("log"), "warn");
        for round in 0..400 {
            // So that it comes before, after and in the midst of the fall back, wherever that is on this machine.
            let pause = Duration::from_micros(100 + round % 100 * 5);
            telemetry.set_log_level("info", Some(Duration::from_micros(100))).unwrap();
            let started = Instant::now();
            while started.elapsed() < pause {
                std::hint::spin_loop();
            }
            telemetry.set_log_level("debug", None).unwrap();
            std::thread::sleep(Duration::from_millis(2));
            assert!(tracing::enabled!(tracing::Level::DEBUG), "round {round}");
        }
    });
}

#[test]
fn without_lines_the_access_line_is_off_at_its_place_in_the_code() {
    child::run("levels::without_lines_the_access_line_is_off_at_its_place_in_the_code", || {
        let _telemetry = TelemetryBuilder::new().without_logs().init().unwrap();
        assert!(!tracing::enabled!(target: "tower_watch::access", tracing::Level::ERROR));
        assert!(tracing::enabled!(tracing::Level::INFO), "the rest is there for those who record it");
        let entered = tracing::info_span!("work").in_scope(spans::current);
        assert!(entered.is_some(), "spans are marked");
    });
}
