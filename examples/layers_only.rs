//! Only the layers, with the recorder that a service has already: request ids and request metrics into
//! metrics-exporter-prometheus, no `Watch`.
//!
//! Everything here is in the small crate `tower-watch-layers`; in a project without `tower-watch`, write
//! `tower_watch_layers::` in place of `tower_watch::layers::`.
//!
//! ```text
//! cargo run --example layers_only
//!
//! curl -i http://127.0.0.1:3000/hello/ada
//! curl http://127.0.0.1:3000/metrics
//! ```

mod support;

use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::Request;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::{MissedTickBehavior, interval};
use tower::ServiceBuilder;
use tower_watch::layers::context::{ContextLayer, RequestContext};
use tower_watch::layers::red::{Collect, RedConfig, RedLayer};

#[tokio::main]
async fn main() -> support::Result {
    // Before the first request: a number that is recorded before there is a recorder is lost.
    let prometheus = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("seconds".into()), &[0.005, 0.05, 0.5, 5.0])?
        .install_recorder()?;
    tokio::spawn(keep_up(prometheus.clone()));

    let red = RedConfig::new().with_prefix("hello")?.with_collect(Collect { sizes: false, ..Collect::ALL });
    let observed = ServiceBuilder::new()
        // Outside, so that a request has its id for whatever is inside.
        .layer(ContextLayer::default())
        .layer(RedLayer::new(&red));
    let app = Router::new()
        .route("/hello/{name}", get(hello))
        .layer(observed)
        // After the layers, so that scrapes are not counted.
        .route("/metrics", get(async move || prometheus.render()));

    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    support::run(None, serve, check).await
}

/// This recorder keeps each sample of a histogram until somebody drains them.
async fn keep_up(prometheus: PrometheusHandle) {
    let mut beat = interval(Duration::from_secs(5));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        prometheus.run_upkeep();
    }
}

async fn hello(Path(name): Path<String>, context: RequestContext) -> String {
    let request_id = context.request_id().map(ToString::to_string).unwrap_or_default();
    format!("hello {name}, this is request {request_id}\n")
}

async fn check(app: support::Client) -> support::Result {
    let request = Request::get("/hello/ada").header("x-request-id", "abc-123");
    let hello = app.send(request, "").await?;
    assert_eq!(hello.text(), "hello ada, this is request abc-123\n");
    assert_eq!(hello.header("x-request-id"), "abc-123");
    assert_eq!(app.get("/hello/bob").await?.header("x-request-id").len(), 36);

    let endpoint = [("method", "GET"), ("endpoint", "/hello/{name}")];
    app.wait_for("hello_http_requests_total", &endpoint, 2.0).await?;
    app.wait_for("hello_http_request_duration_seconds_bucket", &[("le", "+Inf")], 2.0).await?;
    app.wait_for("hello_http_requests_in_flight", &endpoint, 0.0).await?;
    app.wait_for("hello_http_requests_total", &[], 2.0).await?;
    assert!(!app.numbers().await?.has("hello_http_response_size_bytes_count", &[]));
    Ok(())
}
