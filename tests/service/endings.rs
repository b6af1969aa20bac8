//! Responses that arrive whole are complete, once, whatever their shape and protocol; those that do not are not.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::routing::get;
use http_body_util::BodyExt;
use hyper::body::Frame;
use tower_watch::layers::observe::Outcome;

use crate::clients::{exchange, http1, http2, request};
use crate::observed::Observed;
use crate::support::{Feeder, fed, soon};

fn app() -> Router {
    Router::new()
        .route("/length", get(async || "twelve bytes"))
        .route("/empty", get(async || ""))
        .route("/chunked", get(async || chunked(|_| {})))
        .route("/trailers", get(async || chunked(|body| body.trailers(trailers()))))
        .route("/broken", get(async || chunked(Feeder::fail)))
        .route("/panic", get(async || Body::new(Panics)))
        .route("/204", get(async || StatusCode::NO_CONTENT))
        .route("/304", get(async || (StatusCode::NOT_MODIFIED, [("content-length", "12")])))
        .route("/404", get(async || StatusCode::NOT_FOUND))
}

/// Twelve bytes in three frames, and what comes after them.
fn chunked(after: impl FnOnce(&Feeder)) -> Body {
    let (hand, body) = fed();
    for part in ["twelve", " ", "bytes"] {
        hand.data(part);
    }
    after(&hand);
    body
}

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([("checksum".parse().unwrap(), HeaderValue::from_static("12"))])
}

/// A body that panics when it is polled.
struct Panics;

impl HttpBody for Panics {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("this body panics, as it should")
    }
}

/// Method, path, status, and the bytes of the body.
const WHOLE: [(Method, &str, u16, u64); 10] = [
    (Method::GET, "/length", 200, 12),
    (Method::GET, "/empty", 200, 0),
    (Method::GET, "/chunked", 200, 12),
    (Method::GET, "/trailers", 200, 12),
    (Method::HEAD, "/length", 200, 0),
    (Method::HEAD, "/chunked", 200, 0),
    (Method::GET, "/204", 204, 0),
    (Method::GET, "/304", 304, 0),
    (Method::GET, "/404", 404, 0),
    (Method::GET, "/nowhere", 404, 0),
];

/// Sends the requests of `WHOLE` over one connection and looks at what was recorded.
macro_rules! whole_over {
    ($connect:ident) => {{
        let observed = Observed::start(app()).await;
        let addr = observed.service.addr;
        let mut client = $connect(addr).await;
        for (method, path, status, bytes) in &WHOLE {
            soon("the connection is ready", client.sender.ready()).await.unwrap();
            let response = client.sender.send_request(request(addr, method.clone(), path));
            let response = soon("a response", response).await.unwrap();
            assert_eq!(response.status(), *status, "{method} {path}");
            let body = soon("a body", response.into_body().collect()).await.unwrap().to_bytes();
            assert_eq!(body.len() as u64, *bytes, "{method} {path}");
        }
        let (kept, numbers) = observed.ended(WHOLE.len()).await;
        for ((method, path, status, bytes), kept) in WHOLE.iter().zip(&kept) {
            assert_eq!(kept.outcome, Outcome::Complete, "{method} {path}: {kept:?}");
            assert_eq!((&kept.method, kept.response_bytes), (method, *bytes), "{path}");
            let status = status.to_string();
            let endpoint = if *path == "/nowhere" { "unmatched" } else { path };
            let labels = [("method", method.as_str()), ("endpoint", endpoint), ("status", &status)];
            assert_eq!(numbers.counter("http_requests_total", &labels), 1, "{labels:?}");
        }
        assert_eq!(numbers.counter("http_requests_aborted_total", &[]), 0);
        assert_eq!(numbers.counter("http_requests_errors_total", &[]), 0);
        assert_eq!(numbers.histogram("http_request_duration_seconds", &[]).count, WHOLE.len() as u64);
        assert_eq!(numbers.histogram("http_response_size_bytes", &[]).sum, 36.0);
    }};
}

#[tokio::test]
async fn whole_over_http1() {
    whole_over!(http1);
}

#[tokio::test]
async fn whole_over_http2() {
    whole_over!(http2);
}

/// HTTP/1.0 has no chunks: the end of such a body is the end of the connection.
#[tokio::test]
async fn whole_over_http1_0() {
    let observed = Observed::start(app()).await;
    let answer = exchange(observed.service.addr, "GET /chunked HTTP/1.0\r\n\r\n").await;
    assert!(answer.ends_with("\r\n\r\ntwelve bytes"), "{answer}");
    observed.only_is(Outcome::Complete).await;
}

/// Two requests that arrive as one packet are two exchanges.
#[tokio::test]
async fn pipelined() {
    let observed = Observed::start(app()).await;
    let two = "GET /length HTTP/1.1\r\nhost: test\r\n\r\nGET /chunked HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
    let answers = exchange(observed.service.addr, two).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    let (kept, _) = observed.ended(2).await;
    assert!(kept.iter().all(|kept| kept.outcome == Outcome::Complete), "{kept:?}");
}

#[tokio::test]
async fn a_body_that_fails_is_an_error_under_the_status_that_was_sent() {
    let observed = Observed::start(app()).await;
    let answer = exchange(observed.service.addr, "GET /broken HTTP/1.1\r\nhost: test\r\n\r\n").await;
    assert!(!answer.ends_with("0\r\n\r\n"), "the client must not take it for whole: {answer}");
    let (only, numbers) = observed.only_is(Outcome::BodyError).await;
    assert_eq!(only.status, Some(StatusCode::OK));
    assert_eq!(numbers.counter("http_requests_errors_total", &[("error_type", "body_error")]), 1);
}

/// Nobody catches this one but the task that hyper runs the connection in.
#[tokio::test]
async fn a_body_that_panics_is_an_error_under_the_status_that_was_sent() {
    let observed = Observed::start(app()).await;
    exchange(observed.service.addr, "GET /panic HTTP/1.1\r\nhost: test\r\n\r\n").await;
    let (only, numbers) = observed.only_is(Outcome::Panicked).await;
    assert_eq!(only.status, Some(StatusCode::OK));
    assert_eq!(numbers.counter("http_requests_errors_total", &[("error_type", "panic")]), 1);
    assert_eq!(numbers.counter("http_requests_aborted_total", &[("reason", "panic")]), 1);
}

/// What hyper refuses never was an exchange.
#[tokio::test]
async fn what_is_no_http_is_not_counted() {
    let observed = Observed::start(app()).await;
    for garbage in ["\x16\x03\x01\x02", "GET\r\n\r\n", "GET /length HTTP/9.9\r\n\r\n", "\r\n\r\n\r\n\0\0\0\0"]
    {
        let answer = exchange(observed.service.addr, garbage).await;
        assert!(!answer.contains("200 OK"), "{garbage:?}: {answer}");
    }
    exchange(observed.service.addr, "GET /length HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n").await;
    observed.only_is(Outcome::Complete).await;
}
