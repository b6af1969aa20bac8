//! A receiver of OTLP that is not ours takes traces, logs and metrics over each protocol, after it has failed first.

use std::process::Stdio;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::Request;
use axum::routing::get;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tower::util::ServiceExt;
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::otlp::{Compression, OtlpConfig, Protocol};
use tower_watch::{RouterExt, Watch};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::servers::tool;
use crate::support::soon;

/// The receiver, on free ports.
struct Receiver {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    ports: Value,
}

impl Receiver {
    /// One that refuses its first requests.
    async fn start(failures: usize) -> Self {
        let Ok(python) = std::env::var("TOWER_WATCH_PYTHON") else {
            panic!(
                "TOWER_WATCH_PYTHON is not set: set it to a Python that has opentelemetry-proto and grpcio, as .ci/run does \
                 with target/ci-venv/bin/python, which .ci/tools makes"
            );
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/otlp_receiver.py");
        let mut process = tool(python)
            .args([script, &failures.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ports = next(&mut lines).await;
        Self { _process: process, lines, ports }
    }

    fn url(&self, protocol: Protocol) -> String {
        let port = if protocol == Protocol::Grpc { &self.ports["grpc"] } else { &self.ports["http"] };
        format!("http://127.0.0.1:{port}")
    }

    async fn next(&mut self) -> Value {
        next(&mut self.lines).await
    }
}

async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Value {
    let line = soon("the receiver says something", lines.next_line()).await.unwrap();
    serde_json::from_str(&line.expect("the receiver ended; its error is above")).unwrap()
}

/// What was taken, by signal, and what each request looked like.
#[derive(Default)]
struct Taken {
    refused: usize,
    requests: Vec<Value>,
}

impl Taken {
    fn items<'a>(&'a self, signal: &'a str) -> impl Iterator<Item = &'a Value> {
        let requests = self.requests.iter().filter(move |request| request["signal"] == signal);
        requests.flat_map(|request| request["items"].as_array().unwrap())
    }

    fn has_all(&self) -> bool {
        ["traces", "logs", "metrics"].iter().all(|signal| self.items(signal).next().is_some())
    }

    /// The only item of a signal that has this value.
    fn only<'a>(&'a self, signal: &'a str, key: &str, value: &str) -> &'a Value {
        let found: Vec<&Value> = self.items(signal).filter(|item| item[key] == value).collect();
        let [only] = found[..] else { panic!("{signal} with {key} {value}: {found:?}") };
        only
    }
}

async fn user(Path(id): Path<u64>) -> String {
    metrics::counter!("users_read_total").increment(1);
    tracing::info!(user.number = id, api_token = "hush", "the user was read");
    format!("user {id}")
}

/// One observed request, everything that telemetry makes of it, and what the receiver took.
async fn observe_one(protocol: Protocol, compression: Compression, failures: usize) -> Taken {
    let mut receiver = Receiver::start(failures).await;
    let destination = OtlpConfig::new(receiver.url(protocol))
        .protocol(protocol)
        .compression(compression)
        .header("x-key", "hush");
    let (layers, telemetry) = TelemetryBuilder::new().service("orders").otlp(destination).start().unwrap();
    let subscriber = tracing_subscriber::registry().with(layers).set_default();
    let watch = Watch::builder("orders").local().telemetry(telemetry).start().unwrap();
    let app = Router::new().route("/users/{id}", get(user)).watched(&watch);
    let request = Request::get("/users/7").header("x-request-id", "r-1").body(Body::empty()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
    assert_eq!(&body[..], b"user 7");
    let shut_down = tokio::spawn(async move { watch.shutdown().await });
    let mut taken = Taken::default();
    while !taken.has_all() {
        let line = receiver.next().await;
        if line["refused"] == true { taken.refused += 1 } else { taken.requests.push(line) }
    }
    soon("the watch shuts down", shut_down).await.unwrap();
    drop(subscriber);
    taken
}

fn assert_same_everywhere(taken: &Taken, protocol: &str, failures: usize) {
    assert_eq!(taken.refused, failures, "{protocol}");
    for request in &taken.requests {
        assert_eq!(request["protocol"], protocol);
        assert_eq!(request["headers"]["x-key"], "hush", "{protocol}");
        for item in request["items"].as_array().unwrap() {
            let resource = &item["resource"];
            assert_eq!(resource["service.name"], "orders");
            assert_eq!(resource["telemetry.sdk.language"], "rust");
            assert_eq!(resource["process.pid"], std::process::id());
            assert_eq!(resource["service.instance.id"].as_str().unwrap().len(), 36);
        }
    }
    let record = taken.only("logs", "body", "the user was read");
    assert_eq!(record["severity"], 9);
    assert_eq!(record["severity_text"], "INFO");
    assert_eq!(record["scope"], module_path!());
    assert_eq!(record["attributes"]["user.number"], 7);
    assert_eq!(record["attributes"]["api_token"], "[redacted]");
    assert!(record["attributes"]["request_id"].is_string(), "{record}");
    assert_eq!(record["flags"], 1, "it is sampled");
    let span = taken.only("traces", "span_id", record["span_id"].as_str().unwrap());
    assert_eq!(span["trace_id"], record["trace_id"], "the ids in a log record are those of its span");

    let requests = taken.only("metrics", "name", "http_requests_total");
    assert_eq!((&requests["kind"], &requests["value"]), (&Value::from("sum"), &Value::from(1)));
    assert_eq!((&requests["temporality"], &requests["is_monotonic"]), (&Value::from(2), &Value::from(true)));
    assert_eq!(requests["attributes"]["endpoint"], "/users/{id}");
    assert!(requests["start"].as_u64().unwrap() < requests["nanos"].as_u64().unwrap());
    assert_eq!(taken.only("metrics", "name", "users_read_total")["value"], 1);
    assert_eq!(taken.only("metrics", "name", "http_requests_in_flight")["kind"], "gauge");
    let durations = taken.only("metrics", "name", "http_request_duration_seconds");
    assert_eq!(durations["unit"], "s");
    assert_eq!(durations["count"], 1);
    let (bounds, counts) = (durations["bounds"].as_array().unwrap(), durations["counts"].as_array().unwrap());
    assert_eq!((bounds.len(), counts.len()), (11, 12));
    assert_eq!(counts.iter().map(|count| count.as_u64().unwrap()).sum::<u64>(), 1);
}

#[tokio::test]
#[ignore = "needs TOWER_WATCH_PYTHON with opentelemetry-proto and grpcio: .ci/run installs them and runs this"]
async fn it_takes_grpc() {
    let taken = observe_one(Protocol::Grpc, Compression::Gzip, 1).await;
    assert_same_everywhere(&taken, "grpc", 1);
}

#[tokio::test]
#[ignore = "needs TOWER_WATCH_PYTHON with opentelemetry-proto and grpcio: .ci/run installs them and runs this"]
async fn it_takes_protobuf_over_http() {
    let taken = observe_one(Protocol::HttpProtobuf, Compression::Gzip, 2).await;
    assert_same_everywhere(&taken, "http/protobuf", 2);
    assert!(taken.requests.iter().all(|request| request["compression"] == "gzip"));
}

#[tokio::test]
#[ignore = "needs TOWER_WATCH_PYTHON with opentelemetry-proto and grpcio: .ci/run installs them and runs this"]
async fn it_takes_json_over_http() {
    let taken = observe_one(Protocol::HttpJson, Compression::None, 0).await;
    assert_same_everywhere(&taken, "http/json", 0);
    assert!(taken.requests.iter().all(|request| request["compression"].is_null()));
}

#[tokio::test]
#[ignore = "needs TOWER_WATCH_PYTHON with opentelemetry-proto and grpcio: .ci/run installs them and runs this"]
async fn what_is_long_or_secret_is_cut_before_it_leaves() {
    let mut receiver = Receiver::start(0).await;
    let destination = OtlpConfig::new(receiver.url(Protocol::HttpJson)).protocol(Protocol::HttpJson);
    let destination = destination.traces(false).metrics(false);
    let (layers, telemetry) = TelemetryBuilder::new().otlp(destination).start().unwrap();
    let subscriber = tracing_subscriber::registry().with(layers).set_default();
    let error = std::io::Error::other(std::fmt::Error);
    tracing::error!(
        long = "ü".repeat(1_000_000),
        password = 12,
        large = u64::MAX,
        error = &error as &(dyn std::error::Error + 'static),
        "two\nlines \u{1b}[31m"
    );
    drop(subscriber);
    assert!(telemetry.flush(Duration::from_secs(30)).await);
    let request = receiver.next().await;
    let record = &request["items"][0];
    assert_eq!(record["body"], "two\nlines \u{1b}[31m", "JSON and protobuf forge no lines");
    assert_eq!(record["severity"], 17);
    let attributes = &record["attributes"];
    assert_eq!(attributes["long"].as_str().unwrap().chars().count(), 4_096);
    assert_eq!(attributes["password"], "[redacted]");
    assert_eq!(attributes["large"], u64::MAX.to_string());
    assert!(attributes["error"].as_str().unwrap().contains("an error occurred when formatting an argument"));
    assert_eq!(
        (&record["trace_id"], &record["flags"]),
        (&Value::from(""), &Value::from(0)),
        "outside of all spans"
    );
}
