//! Load from real generators, scraped by a real Prometheus: not one request is lost or counted twice.

use tower_watch::testing::Snapshot;

use crate::observed::Observed;
use crate::servers::{Server, run};
use crate::support::until_async;

/// The number before `word` in what a tool printed.
fn number_before(word: &str, printed: &str) -> u64 {
    let before = printed.split(word).next().unwrap();
    let number = before.trim_end().rsplit(|letter: char| !letter.is_ascii_digit()).next().unwrap();
    number.parse().unwrap_or_else(|_| panic!("no number before {word:?}: {printed}"))
}

/// Waits until Prometheus has what we have, from a scrape after the last request.
async fn assert_stored(prometheus: &Server, numbers: &Snapshot) {
    let answered = numbers.counter("http_requests_total", &[]);
    let reads = numbers.counter("users_read_total", &[]);
    for (query, expected) in [
        ("sum(http_requests_total)", answered as f64),
        ("up{job='observed'}", 1.0),
        ("sum(http_requests_total{endpoint='/users/{id}',method='GET',status='200'})", answered as f64),
        ("sum(http_request_duration_seconds_count)", answered as f64),
        ("sum(http_request_duration_seconds_bucket{le='+Inf'})", answered as f64),
        ("sum(users_read_total)", reads as f64),
        ("sum(http_requests_in_flight)", 0.0),
        ("sum(resets(http_requests_total[10m]))", 0.0),
    ] {
        let mut seen = None;
        let wait = async || {
            seen = prometheus.query(query).await;
            seen == Some(expected)
        };
        until_async(&format!("{query} is {expected}"), wait).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus and wrk: .ci/run installs them and runs this"]
async fn wrk_over_http1() {
    const CONNECTIONS: u64 = 8;
    let mut observed = Observed::start().await;
    let prometheus = Server::prometheus(observed.service.addr).await;
    let url = observed.url("/users/42");
    let wrk = run("wrk", ["-t1", &format!("-c{CONNECTIONS}"), "-d3s", &url]).await;
    assert!(wrk.status.success(), "{wrk:?}");
    assert!(!wrk.stdout.contains("Non-2xx"), "{wrk:?}");
    let completed = number_before(" requests in ", &wrk.stdout);

    // At its end wrk closes its connections, with one request under way on each at most. Each of those was answered
    // (to nobody), or answered and its body dropped, or aborted before it was answered:
    //     begun = answered + cancelled,    completed <= answered <= begun <= completed + connections.
    let numbers = observed.at_rest().await;
    let answered = numbers.counter("http_requests_total", &[]);
    let under_way = observed.begun().checked_sub(completed);
    assert!(
        under_way.is_some_and(|some| some <= CONNECTIONS),
        "{under_way:?} of {}: {wrk:?}",
        observed.begun()
    );
    assert!(completed > 0 && completed <= answered, "{completed} completed, {answered} answered");
    let of_endpoint = [("endpoint", "/users/{id}"), ("method", "GET"), ("status", "200")];
    assert_eq!(numbers.counter("http_requests_total", &of_endpoint), answered, "no scrape is traffic");
    let cut_short = numbers.counter("http_requests_aborted_total", &[]);
    assert!(cut_short <= CONNECTIONS, "{cut_short}");
    assert_eq!(numbers.counter("http_requests_errors_total", &[]), 0);

    let reads = numbers.counter("users_read_total", &[]);
    assert!((answered..=observed.begun()).contains(&reads), "{reads}");
    assert_stored(&prometheus, &numbers).await;
    drop(prometheus);
    observed.service.shut_down();
    observed.service.finished().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus and h2load: .ci/run installs them and runs this"]
async fn h2load_over_http2() {
    const REQUESTS: u64 = 20_000;
    let observed = Observed::start().await;
    let prometheus = Server::prometheus(observed.service.addr).await;
    let url = observed.url("/users/42");
    let h2load = run("h2load", [&format!("-n{REQUESTS}"), "-c4", "-m10", &url]).await;
    assert!(h2load.status.success(), "{h2load:?}");
    assert_eq!(number_before(" succeeded", &h2load.stdout), REQUESTS, "{h2load:?}");
    let numbers = observed.at_rest().await;
    let labels = [("endpoint", "/users/{id}"), ("method", "GET"), ("status", "200")];
    assert_eq!(numbers.counter("http_requests_total", &labels), REQUESTS, "to the last request");
    assert_eq!(numbers.counter("http_requests_total", &[]), REQUESTS);
    assert_eq!(numbers.counter("http_requests_aborted_total", &[]), 0);
    assert_stored(&prometheus, &numbers).await;
}
