//! What a watch observes of an axum router, and what it leaves alone.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test")]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use tower::ServiceExt;
use tower_watch::{RouterExt, Watch};

fn watch() -> Watch {
    Watch::builder("shop").local().start().unwrap()
}

async fn status(app: &Router, path: &str) -> StatusCode {
    let request = Request::get(path).body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap().status()
}

/// Requests that were counted under an endpoint, and in all.
fn counted(watch: &Watch, endpoint: &str) -> (u64, u64) {
    let numbers = watch.snapshot();
    (
        numbers.counter("http_requests_total", &[("endpoint", endpoint)]),
        numbers.counter("http_requests_total", &[]),
    )
}

#[tokio::test]
async fn what_no_route_takes_is_observed_and_our_own_routes_are_not() {
    let by_hand = |app: Router, watch: &Watch| app.merge(watch.router()).layer(watch.layer());
    let watched = |app: Router, watch: &Watch| app.watched(watch);
    for observe in [by_hand as fn(Router, &Watch) -> Router, watched] {
        for fallback in [false, true] {
            let watch = watch();
            let app = Router::new().route("/products", get(|| async {}));
            let app = if fallback { app.fallback(|| async { StatusCode::NOT_FOUND }) } else { app };
            let app = observe(app, &watch);
            assert_eq!(status(&app, "/products").await, StatusCode::OK);
            assert_eq!(status(&app, "/nowhere").await, StatusCode::NOT_FOUND);
            assert_eq!(status(&app, "/metrics").await, StatusCode::OK);
            assert_eq!(status(&app, "/health/liveness").await, StatusCode::OK);
            assert_eq!(counted(&watch, "unmatched"), (1, 2), "with a fallback: {fallback}");
        }
    }
}
