//! The environment of a real process: this test binary, started again.

use std::io::Write;
use std::process::{Command, Output};

use tower_watch::telemetry::TelemetryBuilder;

/// Runs `inside` of this binary in an environment of its own.
fn run(variables: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["child::inside", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.split_once("<<").and_then(|(_, rest)| rest.split_once(">>")).unwrap().0.to_owned()
}

#[test]
#[ignore = "needs to be started by the tests beside it, in an environment of theirs"]
fn inside() {
    let said = match TelemetryBuilder::new().start() {
        Ok((_, telemetry)) => format!("{:?}", telemetry.identity()),
        Err(error) => error.to_string(),
    };
    write!(std::io::stdout(), "<<{said}>>").unwrap();
}

#[test]
fn the_identity_is_what_the_environment_says() {
    let shown = said(&run(&[
        ("OTEL_SERVICE_NAME", "orders"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "service.name=other,service.version=1,team=a%2Cb,deployment.environment=test",
        ),
        ("SERVICE_VERSION", "2.1"),
    ]));
    assert_eq!(
        shown,
        r#"Identity { service: "orders", version: Some("2.1"), environment: Some("test"), attributes: [("team", "a,b")] }"#
    );
    let shown = said(&run(&[("ENVIRONMENT", "production"), ("OTEL_SERVICE_NAME", " ")]));
    assert!(shown.starts_with(r#"Identity { service: "telemetry_environment"#), "{shown}");
    assert!(shown.contains(r#"environment: Some("production")"#), "{shown}");
}

#[test]
fn nonsense_keeps_telemetry_from_starting_and_all_of_it_is_named() {
    let shown = said(&run(&[("OTEL_RESOURCE_ATTRIBUTES", "team"), ("OTEL_BSP_SCHEDULE_DELAY", "soon")]));
    assert_eq!(
        shown,
        "telemetry cannot do as it is told\n  \
         OTEL_RESOURCE_ATTRIBUTES: member 1: there is no `=`; give `name=value`, and `%2C` for a comma in a value\n  \
         OTEL_BSP_SCHEDULE_DELAY: \"soon\" is not accepted; give milliseconds, a whole number from 1"
    );
}
