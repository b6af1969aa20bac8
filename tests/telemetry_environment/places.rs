//! Where signals go.

use tower_watch::telemetry::otlp::{OtlpConfig, Protocol};

use crate::world::{lines, plan, traces};

#[test]
fn nothing_is_exported_unasked() {
    for variables in [&[][..], &[("OTEL_SERVICE_NAME", "orders"), ("OTEL_BSP_SCHEDULE_DELAY", "100")]] {
        assert_eq!(
            lines(&[], variables),
            ["traces: not exported", "metrics: not exported", "logs: not exported"],
            "{variables:?}"
        );
    }
}

#[test]
fn the_path_of_a_signal_is_appended_to_the_general_endpoint_only() {
    for (name, endpoint, expected) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318", "http://c:4318/v1/traces"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/", "http://c:4318/v1/traces"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "HTTPS://c/otlp/", "https://c/otlp/v1/traces"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1]:9/a", "http://[::1]:9/a/v1/traces"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318", "http://c:4318/"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318/own/way/", "http://c:4318/own/way/"),
    ] {
        let expected = format!("http/protobuf to {expected} within 10s");
        assert_eq!(traces(&[], &[(name, endpoint)]), expected, "{name}={endpoint}");
    }
}

#[test]
fn over_grpc_only_scheme_host_and_port_count() {
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    for (endpoint, expected) in [
        ("http://c:4317/v1/traces", "http://c:4317"),
        ("https://c", "https://c"),
        ("c:4317", "https://c:4317"),
    ] {
        let variables = [grpc, ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)];
        assert_eq!(traces(&[], &variables), format!("grpc to {expected} within 10s"), "{endpoint}");
    }
    let insecure = [("OTEL_EXPORTER_OTLP_ENDPOINT", "c:4317"), ("OTEL_EXPORTER_OTLP_INSECURE", "true")];
    assert_eq!(traces(&[], &insecure), "grpc to http://c:4317 within 10s");
}

#[test]
fn a_signal_has_an_endpoint_of_its_own() {
    assert_eq!(
        lines(
            &[],
            &[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:4318"),
                ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs:1/in"),
            ]
        ),
        [
            "traces: http/protobuf to http://all:4318/v1/traces within 10s",
            "metrics: http/protobuf to http://all:4318/v1/metrics within 10s",
            "logs: http/protobuf to http://logs:1/in within 10s",
        ]
    );
    let [traces, metrics, _] = lines(&[], &[("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs:1/in")]);
    assert_eq!([traces, metrics], ["traces: not exported", "metrics: not exported"]);
}

#[test]
fn the_program_may_have_several_destinations() {
    let destinations = [
        OtlpConfig::new("http://a:4317").metrics(false).logs(false),
        OtlpConfig::new("http://b:4318").protocol(Protocol::HttpJson).header("X-Api-Key", "hush"),
    ];
    assert_eq!(
        lines(&destinations, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "2500")]),
        [
            "traces: grpc to http://a:4317 within 2.5s; http/json to http://b:4318/v1/traces within 2.5s, with x-api-key",
            "metrics: http/json to http://b:4318/v1/metrics within 2.5s, with x-api-key",
            "logs: http/json to http://b:4318/v1/logs within 2.5s, with x-api-key",
        ]
    );
}

#[test]
fn an_endpoint_in_the_environment_replaces_the_programs_with_its_headers() {
    let destinations = [OtlpConfig::new("http://a:4317").header("x-api-key", "hush").metrics(false)];
    assert_eq!(
        lines(&destinations, &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://b:4318")]),
        [
            "traces: http/protobuf to http://b:4318/v1/traces within 10s",
            "metrics: not exported",
            "logs: http/protobuf to http://b:4318/v1/logs within 10s",
        ],
        "the key is for the other host, and the program exports no metrics"
    );
    let [_, metrics, _] = lines(&destinations, &[("OTEL_METRICS_EXPORTER", "otlp")]);
    assert_eq!(
        metrics, "metrics: grpc to http://a:4317 within 10s, with x-api-key",
        "the environment is stronger"
    );
}

#[test]
fn what_a_program_says_wrongly_is_named() {
    let wrong = OtlpConfig::new("http://user:hush@a:4317")
        .header("x key", "hush")
        .header("host", "x")
        .certificate("no");
    let shown = format!("{wrong:?}");
    assert!(!shown.contains("hush"), "{shown}");
    let error = plan(&[wrong], &[]).unwrap_err().to_string();
    for part in ["x key", "\"host\"", "is not PEM", "a user or a password", "endpoint of the logs"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(!error.contains("hush"), "{error}");
}
