//! What a user at a terminal sees, and what is left of downloads that were interrupted.

use std::process::Stdio;

use tokio::io::AsyncReadExt;

use crate::observed::Observed;
use crate::servers::{run, tool};
use crate::support::soon;

#[tokio::test]
#[ignore = "needs curl: .ci/run installs it and runs this"]
async fn ids_heads_and_http2() {
    let observed = Observed::start().await;
    let url = observed.url("/users/42");
    let kept = run("curl", ["-si", "-H", "X-Request-Id: from-curl", &url]).await.stdout;
    assert!(kept.contains("x-request-id: from-curl\r\n"), "{kept}");
    let made = run("curl", ["-si", &url]).await.stdout;
    assert!(
        made.contains("x-request-id: ") && made.ends_with(r#"{"id":42,"name":"Ada Lovelace"}"#),
        "{made}"
    );
    let head = run("curl", ["-sI", &url]).await.stdout;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("content-length: 31\r\n"), "{head}");
    let http2 = run("curl", ["-si", "--http2-prior-knowledge", &url]).await.stdout;
    assert!(http2.starts_with("HTTP/2 200") && http2.contains("x-request-id: "), "{http2}");
    let upload = run("curl", ["-s", "-d", "four", &observed.url("/upload")]).await.stdout;
    assert_eq!(upload, "4");

    let numbers = observed.at_rest().await;
    let requests = |method, endpoint| {
        numbers
            .counter("http_requests_total", &[("method", method), ("endpoint", endpoint), ("status", "200")])
    };
    assert_eq!(requests("GET", "/users/{id}"), 3);
    assert_eq!(requests("HEAD", "/users/{id}"), 1);
    assert_eq!(requests("POST", "/upload"), 1);
    assert_eq!(numbers.counter("http_requests_aborted_total", &[]), 0);
    let head = [("method", "HEAD")];
    assert_eq!(numbers.histogram("http_response_size_bytes", &head).sum, 0.0, "a HEAD has no body");
    assert_eq!(numbers.histogram("http_request_size_bytes", &[("method", "POST")]).sum, 4.0);
}

/// Ctrl-C in the middle of a download.
#[tokio::test]
#[ignore = "needs curl: .ci/run installs it and runs this"]
async fn a_killed_download_is_a_dropped_body() {
    for protocol in ["--http1.1", "--http2-prior-knowledge"] {
        let observed = Observed::start().await;
        let mut curl = tool("curl")
            .args(["-sN", protocol, &observed.url("/endless")])
            .stdout(Stdio::piped())
            .spawn()
            .expect("curl: install it with .ci/tools");
        let mut first = [0; 5];
        let mut download = curl.stdout.take().unwrap();
        soon("the first bytes", download.read_exact(&mut first)).await.unwrap();
        assert_eq!(&first, b"first");
        observed.with_in_flight(1.0).await;
        curl.kill().await.unwrap();
        let numbers = observed.at_rest().await;
        let dropped = [("endpoint", "/endless"), ("reason", "body_dropped")];
        assert_eq!(numbers.counter("http_requests_aborted_total", &dropped), 1, "{protocol}");
        assert_eq!(numbers.counter("http_requests_total", &[("status", "200")]), 1, "{protocol}");
        assert_eq!(numbers.counter("http_requests_errors_total", &[]), 0, "{protocol}");
    }
}

/// A client that loses its patience before there is an answer.
#[tokio::test]
#[ignore = "needs curl: .ci/run installs it and runs this"]
async fn a_request_that_times_out_at_the_client_is_cancelled() {
    let times_out = async |protocol: &str| {
        let observed = Observed::start().await;
        let curl = run("curl", ["-s", "--max-time", "2", protocol, &observed.url("/pending")]).await;
        assert_eq!(curl.status.code(), Some(28), "{curl:?}");
        let numbers = observed.at_rest().await;
        let cancelled = [("endpoint", "/pending"), ("reason", "cancelled")];
        assert_eq!(numbers.counter("http_requests_aborted_total", &cancelled), 1, "{protocol}");
        assert_eq!(numbers.counter("http_requests_total", &[]), 0, "{protocol}");
    };
    tokio::join!(times_out("--http1.1"), times_out("--http2-prior-knowledge"));
}
