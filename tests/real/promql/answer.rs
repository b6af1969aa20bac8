//! An answer, whoever gave it, and how to get one from each.

use std::net::SocketAddr;

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value as Json;
use tower_watch::promql::{EvalError, Evaluator, Limits, Output, Point, Query, QueryError, TimeRange, Value};
use tower_watch::series::Store;

/// When a query is asked, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    At(i64),
    Over(TimeRange),
}

/// A result of either side. Labels are written as one text, sorted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) kind: String,
    /// In the order in which they came.
    pub(crate) series: Vec<(String, Vec<(i64, f64)>)>,
}

/// A result, or why there is none.
pub(crate) type Said = Result<Answer, String>;

/// Asks us.
pub(crate) fn ours(store: &Store, text: &str, when: When) -> Said {
    let limits = Limits::new().with_default_step(std::time::Duration::from_secs(15));
    let evaluator = Evaluator::new(store).with_limits(limits);
    let asked = Query::parse(text).map_err(QueryError::from).and_then(|query| {
        let output: Result<Output, EvalError> = match when {
            When::At(time) => evaluator.instant(&query, time),
            When::Over(range) => evaluator.range(&query, range),
        };
        Ok(output?)
    });
    match asked {
        Ok(output) => Ok(of_value(output.value)),
        Err(error) => Err(error.to_string()),
    }
}

fn of_value(value: Value) -> Answer {
    let pair = |point: Point| (point.time, point.value);
    let (kind, series) = match value {
        Value::Scalar(point) => ("scalar", vec![(String::new(), vec![pair(point)])]),
        Value::String(time, text) => ("string", vec![(text, vec![(time, 0.0)])]),
        Value::Vector(samples) => {
            let samples = samples.into_iter();
            ("vector", samples.map(|one| (labels(one.labels.iter()), vec![pair(one.point)])).collect())
        }
        Value::Matrix(series) => {
            let points = |points: Vec<Point>| points.into_iter().map(pair).collect();
            (
                "matrix",
                series.into_iter().map(|one| (labels(one.labels.iter()), points(one.points))).collect(),
            )
        }
    };
    Answer { kind: kind.to_owned(), series }
}

fn labels<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut labels: Vec<String> = labels.map(|(name, value)| format!("{name}={value:?}")).collect();
    labels.sort_unstable();
    format!("{{{}}}", labels.join(","))
}

/// A Prometheus, asked over HTTP.
pub(crate) struct Prometheus {
    addr: SocketAddr,
    client: Client<HttpConnector, Body>,
}

impl Prometheus {
    pub(crate) fn new(addr: SocketAddr) -> Self {
        Self { addr, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// Sends a remote-write request.
    pub(crate) async fn write(&self, body: Vec<u8>) {
        let headers = [("content-encoding", "snappy"), ("content-type", "application/x-protobuf")];
        let (status, said) = self.post("/api/v1/write", &headers, body).await;
        assert!(status < 300, "{status}: {said}");
    }

    pub(crate) async fn ask(&self, text: &str, when: When) -> Said {
        let seconds = |time: i64| time as f64 / 1000.0;
        let query = percent_encoded(text);
        let (path, form) = match when {
            When::At(time) => ("/api/v1/query", format!("query={query}&time={}", seconds(time))),
            When::Over(TimeRange { start, end, step }) => {
                let (start, end, step) = (seconds(start), seconds(end), seconds(step));
                ("/api/v1/query_range", format!("query={query}&start={start}&end={end}&step={step}"))
            }
        };
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let (_, said) = self.post(path, &headers, form.into_bytes()).await;
        let said: Json = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
        if said["status"] == "success" { Ok(of_json(&said["data"])) } else { Err(said["error"].to_string()) }
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> (u16, String) {
        let mut request = Request::post(format!("http://{}{path}", self.addr));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.client.request(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn of_json(data: &Json) -> Answer {
    let kind = data["resultType"].as_str().unwrap().to_owned();
    let result = &data["result"];
    let series = match &*kind {
        "scalar" => vec![(String::new(), vec![pair(result)])],
        "string" => {
            let time = milliseconds(&result[0]);
            vec![(result[1].as_str().unwrap().to_owned(), vec![(time, 0.0)])]
        }
        _ => result.as_array().unwrap().iter().map(series).collect(),
    };
    Answer { kind, series }
}

fn series(one: &Json) -> (String, Vec<(i64, f64)>) {
    let named =
        one["metric"].as_object().unwrap().iter().map(|(name, value)| (&**name, value.as_str().unwrap()));
    let points = match one.get("values") {
        Some(values) => values.as_array().unwrap().iter().map(pair).collect(),
        None => vec![pair(&one["value"])],
    };
    (labels(named), points)
}

fn pair(point: &Json) -> (i64, f64) {
    (milliseconds(&point[0]), point[1].as_str().unwrap().parse().unwrap())
}

fn milliseconds(time: &Json) -> i64 {
    (time.as_f64().unwrap() * 1000.0).round() as i64
}
