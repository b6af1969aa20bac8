//! A small shop under observation: request ids, tenants, and metrics of every request to its true end.
//!
//! ```text
//! cargo run --example quickstart                 # with `-- --traffic` it sends itself 20 requests a second
//!
//! curl -i http://127.0.0.1:3000/products         # the answer carries an x-request-id
//! curl -i http://127.0.0.1:3000/products/7       # a 404, under the endpoint /products/{id}
//! curl -i http://127.0.0.1:3000/payments -H 'x-tenant-id: acme' --json '{"amount_cents":1990}'
//! curl -i http://127.0.0.1:3000/reports/daily    # slow
//! curl -i http://127.0.0.1:3000/panic            # a 500 that names the request id
//! curl -N http://127.0.0.1:3000/events           # a stream: counted, and kept out of the latency histogram
//! curl -o /dev/null http://127.0.0.1:3000/export
//! head -c 3000000 /dev/zero | curl -i http://127.0.0.1:3000/upload --data-binary @-
//!
//! curl http://127.0.0.1:3000/metrics
//! ```

mod check;
mod payments;
mod problem;
mod products;
mod streams;
#[path = "../support/mod.rs"]
mod support;
mod traffic;

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use tower_watch::{RouterExt, TenantMetrics, TenantPolicy, Watch};

#[tokio::main]
async fn main() -> support::Result {
    let watch = Watch::builder("shop")
        .tenant(TenantPolicy::default().allow(["acme", "globex", "initech"]))
        .tenant_metrics(TenantMetrics::new())
        .admin(support::admin()?)
        .start()?;
    payments::describe();
    let app = shop().watched(&watch);

    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    support::run_with_traffic(watch.admin_address(), serve, check::check, traffic::traffic).await
}

fn shop() -> Router {
    Router::new()
        .merge(products::routes())
        .route("/payments", post(payments::pay))
        .route("/reports/daily", get(daily_report))
        .route("/export", get(streams::export))
        .route("/events", get(streams::events))
        .route("/upload", post(streams::upload))
        .route("/panic", get(panic))
}

async fn daily_report() -> &'static str {
    tokio::time::sleep(Duration::from_millis(300)).await;
    "all is well\n"
}

async fn panic() -> &'static str {
    panic!("somebody asked for it")
}
