//! What is exported, and what is not.

use tower_watch::telemetry::otlp::OtlpConfig;

use crate::world::{lines, traces};

#[test]
fn an_exporter_that_is_asked_for_exports_to_the_default_endpoint() {
    let exporter = ("OTEL_TRACES_EXPORTER", "otlp");
    assert_eq!(traces(&[], &[exporter]), "http/protobuf to http://localhost:4318/v1/traces within 10s");
    let grpc = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc");
    assert_eq!(traces(&[], &[exporter, grpc]), "grpc to http://localhost:4317 within 10s");
    let [_, metrics, logs] = lines(&[], &[exporter]);
    assert_eq!([metrics, logs], ["metrics: not exported", "logs: not exported"]);
}

#[test]
fn none_is_stronger_than_everything() {
    let destinations = [OtlpConfig::new("http://a:4317")];
    let variables = [
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://b:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318"),
    ];
    assert_eq!(traces(&destinations, &variables), "not exported");
}

#[test]
fn disabled_exports_nothing_and_asks_for_nothing() {
    let destinations = [OtlpConfig::new("http://a:4317")];
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://b:4318");
    let nonsense = ("OTEL_BSP_SCHEDULE_DELAY", "soon");
    for disabled in ["true", "TRUE"] {
        let all = lines(&destinations, &[("OTEL_SDK_DISABLED", disabled), endpoint, nonsense]);
        assert_eq!(all, ["traces: not exported", "metrics: not exported", "logs: not exported"]);
    }
    let enabled = traces(&destinations, &[("OTEL_SDK_DISABLED", "false"), endpoint]);
    assert_eq!(enabled, "http/protobuf to http://b:4318/v1/traces within 10s");
}

#[test]
fn an_empty_value_is_none() {
    let empty = [
        ("OTEL_SDK_DISABLED", ""),
        ("OTEL_TRACES_EXPORTER", " "),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", ""),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "\thttp://b:4318 "),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", ""),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", ""),
        ("OTEL_PROPAGATORS", ""),
    ];
    assert_eq!(traces(&[], &empty), "http/protobuf to http://b:4318/v1/traces within 10s");
}
