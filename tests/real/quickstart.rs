//! The quickstart as its users run it: built by cargo, wrk, a Prometheus that scrapes it meanwhile, promtool and ctrl-c.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::servers::{Server, run, run_with, tool};
use crate::support::{soon, until_async};

const CONNECTIONS: u64 = 8;

/// Builds the example as `cargo run` does, and says where it lies.
async fn build() -> PathBuf {
    let cargo = tool(env!("CARGO"))
        .args(["build", "--quiet", "--example", "quickstart", "--message-format=json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .await
        .unwrap();
    assert!(cargo.status.success(), "{cargo:?}");
    String::from_utf8(cargo.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<Value>(line).ok()?["executable"].as_str().map(PathBuf::from)
        })
        .find(|path| path.ends_with("examples/quickstart"))
        .expect("cargo names the executable")
}

/// Starts the example and waits for the line that says where it is.
async fn start() -> (Child, SocketAddr) {
    let mut quickstart = tool(build().await)
        .args(["--addr", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(quickstart.stdout.take().unwrap()).lines();
    let line = soon("the quickstart says where it is", lines.next_line()).await.unwrap().unwrap();
    (quickstart, line.strip_prefix("app http://").expect(&line).parse().unwrap())
}

/// The sum of the samples of this metric whose labels contain `labels`.
fn sum(exposition: &str, metric: &str, labels: &str) -> u64 {
    exposition
        .lines()
        .filter(|line| {
            line.strip_prefix(metric).is_some_and(|rest| rest.starts_with('{')) && line.contains(labels)
        })
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap() as u64)
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus, promtool, curl and wrk: .ci/run installs them and runs this"]
async fn is_right_to_the_last_request_under_load() {
    let (mut quickstart, addr) = start().await;
    let prometheus = Server::prometheus(addr).await;
    let products = format!("http://{addr}/products");
    let wrk = run("wrk", ["-t1", &format!("-c{CONNECTIONS}"), "-d3s", &products]).await;
    assert!(wrk.status.success() && !wrk.stdout.contains("Non-2xx"), "{wrk:?}");
    let completed = wrk.stdout.split(" requests in ").next().unwrap().trim_end();
    let completed: u64 =
        completed.rsplit(|letter: char| !letter.is_ascii_digit()).next().unwrap().parse().unwrap();

    // Of wrk's last requests, one on each connection at most, some were answered to nobody.
    let metrics = format!("http://{addr}/metrics");
    let mut exposition = String::new();
    until_async("nothing is in flight", async || {
        exposition = run("curl", ["-s", &metrics]).await.stdout;
        sum(&exposition, "http_requests_in_flight", "") == 0
    })
    .await;
    let of_products = r#"endpoint="/products",method="GET",status="200""#;
    let answered = sum(&exposition, "http_requests_total", of_products);
    let cancelled = sum(&exposition, "http_requests_aborted_total", r#"reason="cancelled""#);
    assert!(completed <= answered, "{completed} completed, {answered} answered");
    assert!(answered + cancelled <= completed + CONNECTIONS, "{answered} + {cancelled} of {completed}");
    assert_eq!(sum(&exposition, "http_requests_total", ""), answered, "no scrape is traffic");

    let query = "sum(http_requests_total{endpoint='/products'})";
    until_async("Prometheus has them all", async || prometheus.query(query).await == Some(answered as f64))
        .await;
    assert_eq!(prometheus.query("up{job='observed'}").await, Some(1.0));
    let lint = run_with("promtool", ["check", "metrics"], &exposition).await;
    assert!(lint.status.success(), "{lint:?}");

    let stop = format!("kill -INT {}", quickstart.id().unwrap());
    assert!(run("sh", ["-c", &stop]).await.status.success());
    let status = soon("the quickstart ends", quickstart.wait()).await.unwrap();
    assert!(status.success(), "{status}");
}
