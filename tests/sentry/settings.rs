//! What is said wrongly is named at the start, and never quoted.

use std::process::Command;

use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::sentry::SentrySettings;

use crate::ingest::{Ingest, Reporting, settings};

/// Starts with the environment that the parent gave, and says how that went.
#[test]
#[ignore = "needs the environment that the tests below give it"]
#[expect(clippy::print_stdout, reason = "that is how the parent hears of it")]
fn child() {
    let settings = SentrySettings::new().with_dsn("nonsense s3cret").without_panic_hook();
    match TelemetryBuilder::new().sentry(settings).start() {
        Ok(_) => println!("started"),
        Err(error) => println!("{error}"),
    }
}

fn start_with(variables: &[(&str, &str)]) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["settings::child", "--exact", "--ignored", "--nocapture"])
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && !said.contains("s3cret"), "{said}");
    said
}

#[test]
fn what_is_no_dsn_is_named_and_not_quoted() {
    let said = start_with(&[]);
    assert!(said.contains("SentrySettings::with_dsn: this is no DSN; one looks like https://"), "{said}");
    let said = start_with(&[("SENTRY_DSN", "https://s3cret@host"), ("SENTRY_TRACES_SAMPLE_RATE", "1.5")]);
    assert!(said.contains("SENTRY_DSN: this is no DSN"), "{said}");
    let said = start_with(&[("SENTRY_DSN", "https://s3cret@host/1"), ("SENTRY_TRACES_SAMPLE_RATE", "1.5")]);
    assert!(said.contains("SENTRY_TRACES_SAMPLE_RATE: \"1.5\" is no share"), "{said}");
}

#[test]
fn the_environment_is_stronger_and_an_empty_dsn_is_none() {
    assert!(start_with(&[("SENTRY_DSN", "https://s3cret@host/1")]).contains("started"));
    assert!(start_with(&[("SENTRY_DSN", "")]).contains("started"));
}

#[tokio::test]
async fn the_key_is_not_shown() {
    let ingest = Ingest::start().await;
    let settings = settings(&format!("http://s3cret@{}/1", ingest.addr));
    let shown = format!("{settings:?}");
    let reporting = Reporting::start(settings);
    assert!(!format!("{shown} {:?}", reporting.telemetry).contains("s3cret"));
}
