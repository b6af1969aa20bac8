//! Others read what `/metrics` says: promtool and an independent parser, after traffic of all kinds.

use std::collections::BTreeMap;

use serde_json::Value;
use tower_watch::registers::Format;
use tower_watch::testing::{SeriesValue, Snapshot};

use crate::observed::{Observed, TRACE};
use crate::servers::{run, run_with};

/// Every way in which an exchange can end, gRPC, tenants, a trace, and metrics of the application's own.
async fn after_traffic() -> (Observed, Snapshot) {
    let observed = Observed::start().await;
    let url = |path: &str| observed.url(path);
    let traced = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let requests: [(&[&str], String); 14] = [
        (&[], url("/users/42")),
        (&["-H", traced, "-H", "x-tenant-id: acme"], url("/users/43")),
        (&["-H", "x-tenant-id: globex/eu~1"], url("/users/44")),
        (&["-I"], url("/users/42")),
        (&["-X", "PROPFIND"], url("/users/42")),
        (&["-d", "four"], url("/upload")),
        (&[], url("/nowhere")),
        (&[], url("/trailers")),
        (&[], url("/events")),
        (&["-H", traced], url("/failing")),
        (&[], url("/panic")),
        (&["-d", "", "-H", "content-type: application/grpc"], url("/shop.Orders/Create")),
        (&["--http2-prior-knowledge"], url("/users/42")),
        (&[], url("/broken")),
    ];
    for (arguments, url) in &requests {
        run("curl", ["-s", "-o", "/dev/null"].iter().chain(*arguments).chain([&url.as_str()])).await;
    }
    metrics::with_local_recorder(observed.watch.registers(), || {
        // An application may say nothing about its metrics, or say it with all that must be escaped.
        metrics::counter!("undescribed_total", "path" => r#"\\server\new "folder""#).increment(7);
        metrics::describe_gauge!("temperature_celsius", "Two lines,\nand a \\ and \"quotes\".");
        metrics::gauge!("temperature_celsius", "room" => "größe\n2").set(-20.25);
    });
    observed.watch.set_active_connections(3);
    let numbers = observed.at_rest().await;
    assert_eq!(observed.begun(), requests.len() as u64);
    assert_eq!(numbers.counter("http_requests_errors_total", &[]), 4, "failing, panic, gRPC, broken");
    assert_eq!(numbers.counter("http_requests_aborted_total", &[]), 1, "broken");
    (observed, numbers)
}

#[tokio::test]
#[ignore = "needs promtool and curl: .ci/run installs them and runs this"]
async fn promtool_has_nothing_to_object_to() {
    let (observed, _) = after_traffic().await;
    let text = run("curl", ["-s", &observed.url("/metrics")]).await.stdout;
    assert!(text.contains("http_requests_total{"), "{text}");
    let promtool = run_with("promtool", ["check", "metrics"], &text).await;
    assert!(promtool.status.success(), "{}{}", promtool.stdout, promtool.stderr);
}

/// A sample: its name and labels. `le` is written as a number, so that `1` and `1.0` are one.
type Key = (String, BTreeMap<String, String>);

/// What the parser must find, by what we count.
fn expected(numbers: &Snapshot) -> BTreeMap<Key, f64> {
    let mut samples = BTreeMap::new();
    for series in numbers.iter() {
        let name = series.key.name();
        let labels: BTreeMap<String, String> =
            series.key.labels().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut add = |suffix: &str, le: Option<f64>, value: f64| {
            let mut labels = labels.clone();
            labels.extend(le.map(|le| ("le".to_owned(), le.to_string())));
            assert_eq!(samples.insert((format!("{name}{suffix}"), labels), value), None);
        };
        match &series.value {
            SeriesValue::Counter(value) => add("", None, *value as f64),
            SeriesValue::Gauge(value) => add("", None, *value),
            SeriesValue::Histogram(histogram) => {
                for (bound, count) in &histogram.buckets {
                    add("_bucket", Some(*bound), *count as f64);
                }
                add("_sum", None, histogram.sum);
                add("_count", None, histogram.count as f64);
            }
            other => panic!("a kind of series that this test does not know: {other:?}"),
        }
    }
    samples
}

fn key(sample: &Value) -> Key {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let labels = sample["labels"].as_object().unwrap().iter().map(|(name, value)| {
        let value = text(value);
        let number = (name == "le").then(|| value.replace("+Inf", "inf").parse::<f64>().unwrap().to_string());
        (name.clone(), number.unwrap_or(value))
    });
    (text(&sample["name"]), labels.collect())
}

/// The value of a sample, to its last digit.
fn value(sample: &Value) -> f64 {
    sample["value"].as_str().unwrap().parse().unwrap()
}

/// What the independent parser makes of `/metrics` in this format.
async fn parsed(observed: &Observed, format: &str) -> Value {
    let Ok(python) = std::env::var("TOWER_WATCH_PYTHON") else {
        panic!(
            "TOWER_WATCH_PYTHON is not set: set it to a Python that has prometheus_client, as .ci/run does with \
             target/ci-venv/bin/python, which .ci/tools makes"
        );
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/samples.py");
    let said = run(python, [script, &observed.url("/metrics"), format]).await;
    assert!(said.status.success(), "{}", said.stderr);
    serde_json::from_str(&said.stdout).unwrap()
}

#[tokio::test]
#[ignore = "needs TOWER_WATCH_PYTHON with prometheus_client, and curl: .ci/run installs them and runs this"]
async fn an_independent_parser_finds_our_numbers_in_both_formats() {
    let (observed, numbers) = after_traffic().await;
    for (name, format) in [("text", Format::Text), ("openmetrics", Format::OpenMetrics)] {
        let answer = parsed(&observed, name).await;
        let headers = &answer["headers"];
        assert_eq!(headers["content-type"], format.content_type(), "{name}");
        if cfg!(feature = "gzip") {
            assert_eq!(headers["content-encoding"], "gzip", "{name}");
        }
        let vary = headers["vary"].as_str().unwrap();
        assert!(vary.contains("accept"), "{vary}");

        let samples = answer["samples"].as_array().unwrap();
        let found: BTreeMap<Key, f64> = samples.iter().map(|sample| (key(sample), value(sample))).collect();
        assert_eq!(found.len(), samples.len(), "{name}: a sample is there twice");
        assert_eq!(found, expected(&numbers), "{name}");

        assert_described(samples, name);
        assert_exemplars(samples, &numbers, name);
    }
}

/// Each family has its type, and the help that was given.
fn assert_described(samples: &[Value], format: &str) {
    let family = |name: &str| {
        let sample = samples.iter().find(|sample| sample["name"] == name);
        sample.unwrap_or_else(|| panic!("{format}: {name}"))
    };
    for (name, kind) in [
        ("http_requests_total", "counter"),
        ("http_requests_in_flight", "gauge"),
        ("http_request_duration_seconds_bucket", "histogram"),
        ("tenant_http_requests_total", "counter"),
        ("undescribed_total", "counter"),
    ] {
        assert_eq!(family(name)["type"], kind, "{format}: {name}");
    }
    assert_eq!(family("http_requests_total")["help"], "Requests that were answered, by status.");
    assert_eq!(family("temperature_celsius")["help"], "Two lines,\nand a \\ and \"quotes\".");
}

/// Those of the two requests that had a trace, in OpenMetrics only.
fn assert_exemplars(samples: &[Value], numbers: &Snapshot, format: &str) {
    let found: Vec<_> = samples.iter().filter(|sample| !sample["exemplar"].is_null()).collect();
    if format == "text" {
        assert_eq!(found, [] as [&Value; 0]);
        return;
    }
    let mut endpoints: Vec<_> =
        found.iter().map(|sample| sample["labels"]["endpoint"].as_str().unwrap()).collect();
    endpoints.sort_unstable();
    assert_eq!(endpoints, ["/failing", "/users/{id}"], "{found:?}");
    for sample in found {
        let endpoint = sample["labels"]["endpoint"].as_str().unwrap();
        let of_series = [("endpoint", endpoint), ("method", "GET")];
        let ours = numbers.histogram("http_request_duration_seconds", &of_series);
        let ours: Vec<_> = ours.exemplars.into_iter().flatten().collect();
        let [ours] = ours[..] else { panic!("{ours:?}") };
        assert_eq!(ours.trace_id.to_bytes(), TRACE);
        assert_eq!(sample["name"], "http_request_duration_seconds_bucket");
        let exemplar = &sample["exemplar"];
        assert_eq!(exemplar[0]["trace_id"], "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(exemplar[1].as_f64(), Some(ours.value));
        let since = ours.at.duration_since(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(exemplar[2].as_f64().map(|at| (at * 1e3).round()), Some(since.as_millis() as f64));
    }
}
