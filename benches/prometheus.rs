//! The same queries over HTTP, asked in turn of Debian's Prometheus and of our admin listener, over the same samples
//! in the same run: a table of medians and their ratio.
//!
//! `cargo bench --bench prometheus` needs `prometheus` on the path.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![allow(clippy::print_stdout, reason = "it prints a table")]

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tower_watch::http::{Admin, QueryApi};
use tower_watch::promql::QueryEngine;
use tower_watch::registers::Registers;

use crate::past::{BEGIN, END, QUERIES, past, store};
use crate::promql_support::remote_write;

#[path = "support/past.rs"]
mod past;
#[path = "../tests/support/promql/mod.rs"]
mod promql_support;

/// How often each is asked.
const ROUNDS: usize = 60;

/// Between two samples.
const NOW: f64 = (END - 2_500) as f64 / 1000.0;

/// A Prometheus in a folder of its own; both go with it.
struct Prometheus {
    process: Child,
    folder: PathBuf,
}

impl Prometheus {
    fn start(address: SocketAddr) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let config = folder.join("prometheus.yml");
        fs::write(&config, "global: {evaluation_interval: 15s}\n").unwrap();
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            // The whole hour is written series by series, and must not be too old at the end.
            .args([
                "--web.enable-remote-write-receiver",
                "--log.level=error",
                "--storage.tsdb.min-block-duration=6h",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, folder }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// One connection that is kept.
struct Asker {
    address: SocketAddr,
    client: Client<HttpConnector, Body>,
}

impl Asker {
    fn new(address: SocketAddr) -> Self {
        Self { address, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<(u16, Vec<u8>)> {
        let mut request = Request::post(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.client.request(request.body(Body::from(body)).unwrap()).await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.into_body().collect().await.unwrap().to_bytes().to_vec()))
    }

    async fn ask(&self, text: &str, over: bool) -> (Duration, Vec<u8>) {
        let query: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let (path, form) = if over {
            let start = BEGIN / 1_000;
            ("/api/v1/query_range", format!("query={query}&start={start}&end={NOW}&step=15"))
        } else {
            ("/api/v1/query", format!("query={query}&time={NOW}"))
        };
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let began = Instant::now();
        let (status, said) = self.post(path, &headers, form.into_bytes()).await.unwrap();
        let took = began.elapsed();
        assert_eq!(status, 200, "{text}: {}", String::from_utf8_lossy(&said));
        (took, said)
    }
}

/// How many series and values an answer has: both must have the same.
fn extent(answer: &[u8]) -> (usize, usize) {
    let answer: Value = serde_json::from_slice(answer).unwrap();
    if answer["data"]["resultType"] == "scalar" {
        return (1, 1);
    }
    let Some(series) = answer["data"]["result"].as_array() else { return (0, 0) };
    let values = |one: &Value| one["values"].as_array().map_or(1, Vec::len);
    (series.len(), series.iter().map(values).sum())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let all = past(8_660, 720);
    let address = free_address();
    let _prometheus = Prometheus::start(address);
    let theirs = Asker::new(address);
    let headers = [("content-encoding", "snappy"), ("content-type", "application/x-protobuf")];
    for part in all.chunks(500) {
        let request = remote_write::request(part);
        let mut answer = None;
        for _ in 0..200 {
            answer = theirs.post("/api/v1/write", &headers, request.clone()).await;
            // It says 503 until it is ready.
            if answer.as_ref().is_some_and(|(status, _)| *status != 503) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (status, said) = answer.unwrap();
        assert!(status < 300, "{status}: {}", String::from_utf8_lossy(&said));
    }

    let engine = QueryEngine::new(Arc::new(store(&all)));
    let api = QueryApi::new(engine, Registers::new());
    let server = Admin::new().with_address(([127, 0, 0, 1], 0)).bind(api.router()).unwrap();
    let ours = Asker::new(server.address());
    drop(all);

    println!("| query | series | values | Prometheus µs | tower-watch µs | ratio |");
    println!("|---|---:|---:|---:|---:|---:|");
    for (name, text, over) in [("`1`", "1", false)].into_iter().chain(QUERIES) {
        let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
        let mut extents = ((0, 0), (0, 0));
        for round in 0..ROUNDS + 5 {
            let (our_time, our_answer) = ours.ask(text, over).await;
            let (their_time, their_answer) = theirs.ask(text, over).await;
            extents = (extent(&our_answer), extent(&their_answer));
            // The first ones warm up.
            if round >= 5 {
                our_times.push(our_time);
                their_times.push(their_time);
            }
        }
        assert_eq!(extents.0, extents.1, "{text}");
        let (our_time, their_time) = (median(our_times).as_micros(), median(their_times).as_micros());
        let ratio = our_time as f64 / their_time as f64;
        let (series, values) = extents.0;
        println!("| {name} | {series} | {values} | {their_time} | {our_time} | {ratio:.2} |");
    }
}
