//! Clients that go away, and servers that shut down, at every moment of an exchange.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use axum::routing::{get, post};
use http_body_util::BodyExt;
use tokio::sync::{Mutex, Notify};
use tower_watch::Watch;
use tower_watch::layers::observe::Outcome;

use crate::clients::{Raw, http1, http2, request};
use crate::observed::{Observed, counted};
use crate::support::{Feeder, Service, fed, soon, until};

/// What a handler waits for, and what feeds the bodies that it gave out.
#[derive(Clone, Default)]
struct Hand {
    release: Arc<Notify>,
    bodies: Arc<Mutex<Vec<Feeder>>>,
}

impl Hand {
    /// `/pending` answers when it is released, `/stream` sends "first" and then what it is fed, `/events` is the
    /// same as an event stream, and `/upload` reads.
    fn app(&self) -> Router {
        let (pending, stream, events) = (self.clone(), self.clone(), self.clone());
        Router::new()
            .route(
                "/pending",
                get(async move || {
                    pending.release.notified().await;
                    "released"
                }),
            )
            .route("/stream", get(async move || stream.body().await))
            .route(
                "/events",
                get(async move || {
                    let mut response = Response::new(events.body().await);
                    let event_stream = HeaderValue::from_static("text/event-stream");
                    response.headers_mut().insert(header::CONTENT_TYPE, event_stream);
                    response
                }),
            )
            .route("/upload", post(async |body: Bytes| format!("{} bytes", body.len())))
    }

    async fn body(&self) -> Body {
        let (hand, body) = fed();
        hand.data("first");
        self.bodies.lock().await.push(hand);
        body
    }
}

async fn start() -> (Hand, Observed) {
    let hand = Hand::default();
    let observed = Observed::start(hand.app()).await;
    (hand, observed)
}

#[tokio::test]
async fn over_http1_before_the_head() {
    let (_hand, observed) = start().await;
    let mut client = Raw::connect(observed.service.addr).await;
    client.send("GET /pending HTTP/1.1\r\nhost: test\r\n\r\n").await;
    observed.with_in_flight(1.0).await;
    drop(client);
    let (only, numbers) = observed.only_is(Outcome::Cancelled).await;
    assert_eq!((only.endpoint.as_str(), only.status, only.error), ("/pending", None, None));
    let cancelled = [("reason", "cancelled"), ("endpoint", "/pending"), ("method", "GET")];
    assert_eq!(numbers.counter("http_requests_aborted_total", &cancelled), 1);
    assert_eq!(numbers.counter("http_requests_total", &[]), 0);
    assert_eq!(numbers.counter("http_requests_errors_total", &[]), 0, "the client's leave is no error");
}

#[tokio::test]
async fn over_http1_in_the_middle_of_a_stream() {
    let (_hand, observed) = start().await;
    let mut client = Raw::connect(observed.service.addr).await;
    client.send("GET /stream HTTP/1.1\r\nhost: test\r\n\r\n").await;
    client.read_until("first").await;
    assert_eq!(observed.in_flight(), 1.0, "the exchange lasts as long as its body");
    drop(client);
    let (only, numbers) = observed.only_is(Outcome::BodyDropped).await;
    assert_eq!((only.status, only.response_bytes), (Some(StatusCode::OK), 5));
    assert_eq!(numbers.counter("http_requests_aborted_total", &[("reason", "body_dropped")]), 1);
    assert_eq!(numbers.histogram("http_request_duration_seconds", &[]).count, 1);
}

#[tokio::test]
async fn over_http1_from_an_event_stream() {
    let (_hand, observed) = start().await;
    let mut client = Raw::connect(observed.service.addr).await;
    client.send("GET /events HTTP/1.1\r\nhost: test\r\n\r\n").await;
    client.read_until("first").await;
    drop(client);
    let (only, numbers) = observed.only_is(Outcome::BodyDropped).await;
    assert!(only.streaming);
    assert_eq!(numbers.histogram("http_request_duration_seconds", &[]).count, 0, "no latency");
    assert_eq!(numbers.histogram("http_response_head_seconds", &[]).count, 1, "the time to the head is one");
}

#[tokio::test]
async fn over_http1_in_the_middle_of_an_upload() {
    let (_hand, observed) = start().await;
    let mut client = Raw::connect(observed.service.addr).await;
    client.send("POST /upload HTTP/1.1\r\nhost: test\r\ncontent-length: 100\r\n\r\n0123456789").await;
    observed.with_in_flight(1.0).await;
    drop(client);
    // The handler sees a broken body and answers 400 to nobody, or is dropped before it can: both are ends.
    let (only, _) = observed.only().await;
    assert!(matches!(only.outcome, Outcome::Complete | Outcome::Cancelled), "{only:?}");
}

#[tokio::test]
async fn over_http2_before_the_head() {
    let (_hand, observed) = start().await;
    let mut client = http2(observed.service.addr).await;
    let answer =
        tokio::spawn(client.sender.send_request(request(observed.service.addr, Method::GET, "/pending")));
    observed.with_in_flight(1.0).await;
    answer.abort();
    let (only, numbers) = observed.only_is(Outcome::Cancelled).await;
    assert_eq!(only.endpoint, "/pending");
    assert_eq!(numbers.counter("http_requests_aborted_total", &[("reason", "cancelled")]), 1);
    assert!(!client.sender.is_closed(), "only the stream was reset");
}

#[tokio::test]
async fn over_http2_in_the_middle_of_a_stream() {
    let (_hand, observed) = start().await;
    let mut client = http2(observed.service.addr).await;
    let sent = client.sender.send_request(request(observed.service.addr, Method::GET, "/stream"));
    let mut response = soon("a response", sent).await.unwrap();
    let first = soon("a frame", response.body_mut().frame()).await.unwrap().unwrap();
    assert_eq!(first.into_data().unwrap(), "first");
    drop(response);
    let (only, _) = observed.only_is(Outcome::BodyDropped).await;
    assert_eq!((only.status, only.response_bytes), (Some(StatusCode::OK), 5));
    assert!(!client.sender.is_closed(), "only the stream was reset");
}

#[tokio::test]
async fn over_http2_with_several_streams_open() {
    let (_hand, observed) = start().await;
    let mut client = http2(observed.service.addr).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let pending = request(observed.service.addr, Method::GET, "/pending");
        drop(tokio::spawn(client.sender.send_request(pending)));
    }
    for _ in 0..2 {
        let stream = client.sender.send_request(request(observed.service.addr, Method::GET, "/stream"));
        let mut response = soon("a response", stream).await.unwrap();
        soon("a frame", response.body_mut().frame()).await.unwrap().unwrap();
        open.push(response);
    }
    observed.with_in_flight(5.0).await;
    client.cut();
    let (_, numbers) = observed.ended(5).await;
    let aborted = |reason| numbers.counter("http_requests_aborted_total", &[("reason", reason)]);
    assert_eq!((aborted("cancelled"), aborted("body_dropped")), (3, 2));
    assert_eq!(numbers.counter("http_requests_total", &[]), 2);
    drop(open);
}

#[tokio::test]
async fn a_graceful_shutdown_lets_what_is_under_way_end() {
    let (hand, mut observed) = start().await;
    let mut client = http1(observed.service.addr).await;
    let answer =
        tokio::spawn(client.sender.send_request(request(observed.service.addr, Method::GET, "/pending")));
    observed.with_in_flight(1.0).await;
    observed.service.shut_down();
    let refused = async { while Raw::try_connect(observed.service.addr).await.is_some() {} };
    soon("the listener closes", refused).await;
    assert_eq!(observed.in_flight(), 1.0, "a shutdown cuts nothing short");
    hand.release.notify_one();
    let body = soon("the answer", answer).await.unwrap().unwrap().into_body();
    assert_eq!(body.collect().await.unwrap().to_bytes(), "released");
    observed.service.finished().await;
    observed.only_is(Outcome::Complete).await;
}

/// A process that stops without waiting drops its runtime, and with it every task.
#[test]
fn a_runtime_that_is_dropped_ends_what_is_open() {
    let hand = Hand::default();
    let watch = Watch::builder("dropped").local().start().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let clients = runtime.block_on(async {
        let service = Service::start(hand.app().layer(watch.layer())).await;
        let (mut pending, mut streamed) =
            (Raw::connect(service.addr).await, Raw::connect(service.addr).await);
        pending.send("GET /pending HTTP/1.1\r\nhost: test\r\n\r\n").await;
        streamed.send("GET /stream HTTP/1.1\r\nhost: test\r\n\r\n").await;
        streamed.read_until("first").await;
        until("two in flight", || watch.snapshot().gauge("http_requests_in_flight", &[]) == 2.0).await;
        [pending, streamed]
    });
    drop(runtime);
    let numbers = watch.snapshot();
    let aborted = |reason| numbers.counter("http_requests_aborted_total", &[("reason", reason)]);
    assert_eq!((aborted("cancelled"), aborted("body_dropped")), (1, 1));
    assert_eq!(counted(&numbers), 2);
    assert_eq!(numbers.gauge("http_requests_in_flight", &[]), 0.0);
    drop(clients);
}
