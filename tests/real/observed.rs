//! The service under test: what a small axum service looks like, with an independent count of what came in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tower::util::MapRequestLayer;
use tower_watch::layers::context::TenantPolicy;
use tower_watch::layers::red::TenantMetrics;
use tower_watch::layers::w3c::{TraceContext, TraceId};
use tower_watch::testing::Snapshot;
use tower_watch::{RequestContext, RouterExt, Watch};

use crate::support::{Feeder, Service, fed, until, until_async};

pub(crate) const TRACE: [u8; 16] = *b"\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c";

pub(crate) struct Observed {
    pub(crate) service: Service,
    pub(crate) watch: Watch,
    begun: Arc<AtomicU64>,
}

impl Observed {
    pub(crate) async fn start() -> Self {
        let watch = Watch::builder("observed")
            .tenant(TenantPolicy::default())
            .tenant_metrics(TenantMetrics::new())
            .local()
            .without_traces()
            .start()
            .unwrap();
        let begun = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&begun);
        let count = MapRequestLayer::new(move |request: Request| {
            counter.fetch_add(u64::from(!is_own(request.uri().path())), Ordering::Relaxed);
            request
        });
        let app = app().watched(&watch).layer(count);
        Self { service: Service::start(app).await, watch, begun }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.service.addr)
    }

    /// How many requests came in, by a count that is not ours.
    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Waits until so many requests are in flight.
    pub(crate) async fn with_in_flight(&self, requests: f64) {
        let in_flight = || self.watch.snapshot().gauge("http_requests_in_flight", &[]);
        until(&format!("{requests} in flight"), || in_flight() == requests).await;
    }

    /// Waits until each request that came in has ended, and holds the identity that must then hold: an exchange is
    /// answered, or aborted before there was a head, and never both.
    pub(crate) async fn at_rest(&self) -> Snapshot {
        let ended = |numbers: &Snapshot| {
            let aborted = |reason| numbers.counter("http_requests_aborted_total", &[("reason", reason)]);
            numbers.counter("http_requests_total", &[]) + aborted("cancelled") + aborted("service_error")
        };
        // What a client sent before it went away can still lie in a socket's buffer.
        let nothing_new = async || {
            let before = self.begun();
            tokio::time::sleep(Duration::from_millis(300)).await;
            self.begun() == before
        };
        until_async("nothing more comes in", nothing_new).await;
        until("all that came in has ended", || ended(&self.watch.snapshot()) >= self.begun()).await;
        self.with_in_flight(0.0).await;
        let numbers = self.watch.snapshot();
        assert_eq!(ended(&numbers), self.begun());
        numbers
    }
}

fn is_own(path: &str) -> bool {
    path == "/metrics" || path == "/health/liveness"
}

fn app() -> Router {
    Router::new()
        .route("/users/{id}", get(user))
        .route("/upload", post(async |body: Bytes| body.len().to_string()))
        .route("/pending", get(std::future::pending::<()>))
        .route("/endless", get(async || endless()))
        .route("/trailers", get(async || stream(|body| body.trailers(HeaderMap::new()))))
        .route("/broken", get(async || stream(Feeder::fail)))
        .route("/events", get(async || ([(header::CONTENT_TYPE, "text/event-stream")], stream(|_| {}))))
        .route("/failing", get(async || StatusCode::SERVICE_UNAVAILABLE))
        .route("/panic", get(panics))
        .route("/shop.Orders/Create", post(async || ([("grpc-status", "14")], "")))
        .layer(from_fn(set_trace_id))
}

async fn user(Path(id): Path<u64>) -> impl IntoResponse {
    metrics::counter!("users_read_total").increment(1);
    ([(header::CONTENT_TYPE, "application/json")], format!(r#"{{"id":{id},"name":"Ada Lovelace"}}"#))
}

async fn panics() {
    panic!("this handler panics, as it should")
}

fn stream(after: impl FnOnce(&Feeder)) -> Body {
    let (hand, body) = fed();
    hand.data("first");
    after(&hand);
    body
}

/// A body that starts and never ends.
fn endless() -> Body {
    let (hand, body) = fed();
    hand.data("first");
    // Held for as long as the process: dropping it would end the body.
    std::mem::forget(hand);
    body
}

async fn set_trace_id(request: Request, next: Next) -> axum::response::Response {
    if request.headers().contains_key("traceparent") {
        RequestContext::of(request.extensions()).unwrap().slot().set_trace(TraceContext {
            trace_id: TraceId::from_bytes(TRACE).unwrap(),
            ..TraceContext::root(true)
        });
    }
    next.run(request).await
}
