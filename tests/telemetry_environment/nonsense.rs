//! What is not accepted is named, with what is.

use crate::world::problems;

#[test]
fn each_says_what_is_accepted() {
    for (name, value, expected) in [
        ("OTEL_SDK_DISABLED", "yes", "\"yes\" is not accepted; give `true` or `false`"),
        ("OTEL_TRACES_EXPORTER", "stdout", "\"stdout\" is not accepted; give `otlp`"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "there is no exporter for Zipkin; give `otlp`"),
        ("OTEL_TRACES_EXPORTER", "jaeger", "there is no exporter for Jaeger's own protocol; give `otlp`"),
        ("OTEL_METRICS_EXPORTER", "prometheus", "metrics are scraped from `/metrics`"),
        ("OTEL_LOGS_EXPORTER", "otlp,none", "one exporter is all that there is"),
        ("OTEL_LOGS_EXPORTER", "console", "nothing is exported to the console"),
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "http",
            "\"http\" is not accepted; give `grpc`, `http/protobuf` or `http/json`",
        ),
        ("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "zstd", "\"zstd\" is not accepted; give `gzip` or `none`"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "\"10s\" is not accepted; give milliseconds"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "0", "\"0\" is not accepted; give milliseconds"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://c", "its scheme is neither `http` nor `https`"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "c:4318", "it has no scheme; put `http://`"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://", "it is no URL"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a b/", "it is no URL"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:99999", "it is no URL"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://u:p@c:1", "it has a user or a password in it"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "\"0\" is not accepted; give a whole number from 1"),
        ("OTEL_BSP_SCHEDULE_DELAY", "-1", "\"-1\" is not accepted; give milliseconds"),
        (
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
            "4096",
            "4096 is more than the queue takes (OTEL_BSP_MAX_QUEUE_SIZE is 2048)",
        ),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1e3", "\"1e3\" is not accepted; give milliseconds"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            "delta",
            "only totals since the start are exported",
        ),
        ("OTEL_METRICS_EXEMPLAR_FILTER", "always_on", "an exemplar is the trace behind a bucket"),
        ("OTEL_PROPAGATORS", "tracecontext,b3", "Zipkin's b3 headers are not read; give `tracecontext`"),
        ("OTEL_PROPAGATORS", "w3c", "\"w3c\" is not accepted; give `tracecontext`"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "many", "\"many\" is not accepted; give a whole number from 0"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "\u{fffd}", "is not UTF-8; give a whole number"),
    ] {
        let problems = problems(&[(name, value)]);
        let [(place, message)] = &problems[..] else { panic!("{name}={value}: {problems:?}") };
        assert_eq!(place, name);
        assert!(message.starts_with(expected), "{name}={value}: {message}");
    }
}

#[test]
fn all_of_it_is_named_at_once_and_each_once() {
    let problems = problems(&[
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "later"),
        ("OTEL_PROPAGATORS", "b3"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere"),
    ]);
    let mut names: Vec<&str> = problems.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "OTEL_BLRP_SCHEDULE_DELAY",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "OTEL_PROPAGATORS"
        ]
    );
}

#[test]
fn a_long_value_is_not_repeated_whole() {
    let problems = problems(&[("OTEL_EXPORTER_OTLP_PROTOCOL", &"x".repeat(1_000_000))]);
    assert!(problems[0].1.len() < 200, "{}", problems[0].1.len());
}
