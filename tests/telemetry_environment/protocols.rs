//! How signals go.

use std::fs;
use std::path::PathBuf;

use tower_watch::telemetry::otlp::{Compression, OtlpConfig};

use crate::world::{lines, plan, traces};

const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c:4318");

#[test]
fn the_protocol_is_said_or_goes_by_the_port() {
    for (endpoint, protocol, expected) in [
        ("http://c:4317", "", "grpc to http://c:4317"),
        ("http://c:4318", "", "http/protobuf to http://c:4318/v1/traces"),
        ("http://c", "", "http/protobuf to http://c/v1/traces"),
        ("http://c:4317", "http/protobuf", "http/protobuf to http://c:4317/v1/traces"),
        ("http://c:4318", "grpc", "grpc to http://c:4318"),
        ("http://c:4318", "http/json", "http/json to http://c:4318/v1/traces"),
    ] {
        let variables =
            [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)];
        assert_eq!(traces(&[], &variables), format!("{expected} within 10s"), "{endpoint} {protocol}");
    }
}

#[test]
fn a_signals_own_variable_stands_for_the_general_one() {
    let [traces, metrics, _] = lines(
        &[],
        &[
            ENDPOINT,
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "1"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
        ],
    );
    assert_eq!(traces, "traces: grpc to https://c:4318 within 1ms");
    assert_eq!(metrics, "metrics: http/json to https://c:4318/v1/metrics, gzip, within 1s");
}

#[test]
fn the_environment_is_stronger_than_the_program() {
    let destinations = [OtlpConfig::new("http://c:4318").compression(Compression::Gzip)];
    assert_eq!(traces(&destinations, &[]), "http/protobuf to http://c:4318/v1/traces, gzip, within 10s");
    let variables = [("OTEL_EXPORTER_OTLP_COMPRESSION", "none"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
    assert_eq!(traces(&destinations, &variables), "grpc to http://c:4318 within 10s");
}

fn file(name: &str, contents: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    fs::write(&path, contents).unwrap();
    path
}

#[test]
fn certificates_are_read_at_the_start() {
    let path = file("good.pem", "-----BEGIN CERTIFICATE-----\n");
    let good = path.to_str().unwrap();
    let shown = traces(
        &[],
        &[
            ENDPOINT,
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", good),
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", good),
            ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", good),
            ("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", good),
            ("OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY", good),
        ],
    );
    assert!(shown.ends_with("within 10s, own certificates, as a known client"), "{shown}");

    let der = file("bad.der", "\u{30}\u{2}");
    let error = plan(
        &[],
        &[
            ENDPOINT,
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", der.to_str().unwrap()),
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", good),
        ],
    );
    let error = error.unwrap_err().to_string();
    assert!(error.contains("is not PEM"), "{error}");
    assert!(error.contains("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: it goes with its key"), "{error}");

    let nowhere = [ENDPOINT, ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/nowhere/key.pem")];
    let error = plan(&[], &nowhere).unwrap_err().to_string();
    assert!(error.contains("\"/nowhere/key.pem\" cannot be read"), "{error}");
    assert_eq!(error.lines().count(), 2, "nothing follows from it: {error}");
    fs::remove_file(path).unwrap();
    fs::remove_file(der).unwrap();
}
