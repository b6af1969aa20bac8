//! An observer of one's own in twenty lines: it counts the bytes of responses while they go out, and leaves an
//! access line at the end of each exchange.
//!
//! `/alone` has it as its only layer. `/together` has it in a tuple with the observers of this project, so that the
//! future and the body are wrapped once for all of them.
//!
//! ```text
//! cargo run --example custom_observer
//!
//! curl -i http://127.0.0.1:3000/alone
//! curl -i http://127.0.0.1:3000/together             # with a request id, in the line too
//! curl -N http://127.0.0.1:3000/together/slowly      # look at /metrics while it runs
//! curl http://127.0.0.1:3000/metrics
//! ```

mod support;

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, response::Parts};
use axum::routing::get;
use futures_util::stream;
use http_body_util::BodyExt;
use metrics::{Counter, counter};
use tower_watch::http::metrics_route;
use tower_watch::layers::context::ContextObserver;
use tower_watch::layers::observe::{End, Exchange, ObserveLayer, Observer, Slot, Start};
use tower_watch::layers::red::{RedConfig, RedObserver};
use tower_watch::registers::Registers;

/// One per layer: it has nothing to remember between exchanges.
#[derive(Clone, Debug)]
struct AccessLog;

/// One per exchange.
#[derive(Debug)]
struct AccessLine {
    sent: Counter,
}

impl Observer for AccessLog {
    type Exchange = AccessLine;

    fn begin(&self, _: &mut Start<'_>) -> Option<AccessLine> {
        Some(AccessLine { sent: Counter::noop() })
    }
}

impl Exchange for AccessLine {
    /// From the head of the response on, the endpoint is settled.
    fn response(&mut self, _: &mut Parts, slot: &Slot) {
        self.sent = counter!("sent_bytes_total", "endpoint" => slot.route().endpoint().to_owned());
    }

    fn data(&mut self, bytes: usize) {
        self.sent.increment(bytes as u64);
    }

    fn end(self, end: &End<'_>) {
        let request_id = end.slot.request_id().map(ToString::to_string);
        let (method, endpoint) = (end.slot.method(), end.slot.route().endpoint());
        let status = end.status.map(|status| status.as_u16());
        tracing::info!(request_id, %method, endpoint, status, outcome = %end.outcome, took = ?end.duration);
    }
}

#[tokio::main]
async fn main() -> support::Result {
    let registers = Registers::new();
    registers.install_global()?;

    let alone = ObserveLayer::new(AccessLog);
    // In this order: the context first, so that the request id is there for the others.
    let together =
        ObserveLayer::new((ContextObserver::new(), RedObserver::new(&RedConfig::new()), AccessLog));

    let app = Router::new()
        .route("/together", get(|| async { "together\n" }))
        .route("/together/slowly", get(slowly))
        .route_layer(together)
        .merge(Router::new().route("/alone", get(|| async { "alone\n" })).route_layer(alone))
        .route("/metrics", metrics_route(registers));
    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    support::run(None, serve, check).await
}

/// A kilobyte each 100 ms, for a minute.
async fn slowly() -> Body {
    Body::from_stream(stream::unfold(600, async |left: u32| {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let piece = Bytes::from_static(&[b'.'; 1024]);
        (left > 0).then(|| (Ok::<_, Infallible>(piece), left - 1))
    }))
}

async fn check(app: support::Client) -> support::Result {
    let alone = app.get("/alone").await?;
    assert_eq!((alone.status, alone.header("x-request-id")), (StatusCode::OK, ""), "nobody gives ids here");
    assert_eq!(app.get("/together").await?.header("x-request-id").len(), 36);
    app.wait_for("sent_bytes_total", &[("endpoint", "/alone")], 6.0).await?;
    app.wait_for("sent_bytes_total", &[("endpoint", "/together")], 9.0).await?;
    app.wait_for("http_requests_total", &[("endpoint", "/together")], 1.0).await?;
    assert!(!app.numbers().await?.has("http_requests_total", &[("endpoint", "/alone")]));

    let mut slowly = app.open(Request::get("/together/slowly"), "").await?.into_body();
    slowly.frame().await.ok_or("the body is empty")??;
    let numbers = app.numbers().await?;
    assert!(numbers.sum("sent_bytes_total", &[("endpoint", "/together/slowly")]) >= 1024.0);
    assert!(!numbers.has("http_requests_total", &[("endpoint", "/together/slowly")]), "it is not over");
    drop(slowly);
    app.wait_for("http_requests_aborted_total", &[("endpoint", "/together/slowly")], 1.0).await
}
