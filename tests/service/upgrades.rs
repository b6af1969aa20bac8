//! Exchanges after which the connection speaks something else: counted once, at the head, and no latency.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::any;
use hyper::ext::Protocol;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower_watch::layers::observe::Outcome;
use tower_watch::testing::Snapshot;

use crate::clients::{Raw, http2};
use crate::observed::Observed;
use crate::support::soon;

/// Echoes, in capitals, what comes in over the upgraded connection.
fn shout(mut request: Request) {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut connection = TokioIo::new(upgrade.await.unwrap());
        let mut bytes = [0; 64];
        while let Ok(read @ 1..) = connection.read(&mut bytes).await {
            connection.write_all(bytes[..read].to_ascii_uppercase().as_slice()).await.unwrap();
            connection.flush().await.unwrap();
        }
    });
}

async fn switch(request: Request) -> impl IntoResponse {
    shout(request);
    (StatusCode::SWITCHING_PROTOCOLS, [(header::CONNECTION, "upgrade"), (header::UPGRADE, "shout")])
}

async fn tunnel(request: Request) -> Response<Body> {
    if request.method() == Method::CONNECT && request.uri().authority().is_some() {
        shout(request);
        return Response::new(Body::empty());
    }
    StatusCode::NOT_FOUND.into_response()
}

fn app() -> Router {
    Router::new().route("/shout", any(switch)).route("/tunnel", any(tunnel)).fallback(tunnel)
}

/// Counted once with this status, and nothing of it is a latency, an abortion or an error.
fn assert_counted(numbers: &Snapshot, labels: &[(&str, &str)]) {
    assert_eq!(numbers.counter("http_requests_total", labels), 1, "{labels:?}");
    assert_eq!(numbers.counter("http_requests_total", &[]), 1);
    assert_eq!(numbers.histogram("http_request_duration_seconds", &[]).count, 0);
    assert_eq!(numbers.histogram("http_response_head_seconds", &[]).count, 1);
    assert_eq!(numbers.counter("http_requests_aborted_total", &[]), 0);
    assert_eq!(numbers.counter("http_requests_errors_total", &[]), 0);
    assert_eq!(numbers.gauge("http_requests_in_flight", &[]), 0.0);
}

#[tokio::test]
async fn switching_protocols_over_http1() {
    let observed = Observed::start(app()).await;
    let mut client = Raw::connect(observed.service.addr).await;
    client.send("GET /shout HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: shout\r\n\r\n").await;
    let head = client.read_until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(head.contains("\r\nx-request-id: "), "{head}");
    client.send("hello").await;
    client.read_until("HELLO").await;
    let labels = [("method", "GET"), ("endpoint", "/shout"), ("status", "101")];
    let (only, numbers) = observed.only_is(Outcome::Upgraded).await;
    assert!(only.streaming);
    assert_counted(&numbers, &labels);
    drop(client);
    assert_counted(&observed.watch.snapshot(), &labels);
}

#[tokio::test]
async fn connect_over_http1() {
    let observed = Observed::start(app()).await;
    let mut client = Raw::connect(observed.service.addr).await;
    client.send("CONNECT example.test:443 HTTP/1.1\r\nhost: example.test:443\r\n\r\n").await;
    let head = client.read_until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    client.send("hello").await;
    client.read_until("HELLO").await;
    let (_, numbers) = observed.only_is(Outcome::Upgraded).await;
    assert_counted(&numbers, &[("method", "CONNECT"), ("endpoint", "unmatched"), ("status", "200")]);
}

/// RFC 8441, as WebSockets over HTTP/2 use it.
#[tokio::test]
async fn connect_over_http2() {
    let observed = Observed::start(app()).await;
    let mut client = http2(observed.service.addr).await;
    let request = Request::builder()
        .method(Method::CONNECT)
        .uri(format!("http://{}/tunnel", observed.service.addr))
        .extension(Protocol::from_static("shout"))
        .body(Body::empty())
        .unwrap();
    let response = soon("a response", client.sender.send_request(request)).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let mut tunnel = TokioIo::new(soon("an upgrade", hyper::upgrade::on(response)).await.unwrap());
    tunnel.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    soon("an answer", tunnel.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HELLO");
    let (_, numbers) = observed.only_is(Outcome::Upgraded).await;
    assert_counted(&numbers, &[("method", "CONNECT"), ("endpoint", "/tunnel"), ("status", "200")]);
}

/// A CONNECT that is refused is a response like any other.
#[tokio::test]
async fn a_refused_upgrade_is_complete() {
    let observed = Observed::start(Router::new()).await;
    let mut client = Raw::connect(observed.service.addr).await;
    client.send("CONNECT example.test:443 HTTP/1.1\r\nhost: example.test:443\r\n\r\n").await;
    client.read_until("\r\n\r\n").await;
    let (only, numbers) = observed.only_is(Outcome::Complete).await;
    assert!(!only.streaming);
    assert_eq!(numbers.histogram("http_request_duration_seconds", &[("method", "CONNECT")]).count, 1);
}
