//! Traces, logs and metrics of two services, sent over OTLP: a shop that asks the stock through a watched client of hyper-util.
//! One trace goes through both, its log records carry its ids, and each service sends the numbers of its own.
//!
//! ```text
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 cargo run --example otlp --features otlp
//!
//! curl -i http://127.0.0.1:3000/checkout/7
//! curl -i http://127.0.0.1:3000/checkout/404
//! ```
//!
//! Without `OTEL_EXPORTER_OTLP_ENDPOINT` it starts a receiver of its own, and shows on standard error what that was sent: spans
//! and log records some seconds after they were made, metrics once a minute.

mod receiver;
mod stock;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::{Client as Pool, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::time::{Instant, sleep};
use tower::{ServiceBuilder, ServiceExt};
use tower_watch::layers::client::Client;
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::otlp::{OtlpConfig, Protocol};
use tower_watch::{RouterExt, Watch, traced};

use crate::receiver::Receiver;
use crate::stock::Stock;

/// The one place in the environment that decides where everything goes.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

#[tokio::main]
async fn main() -> support::Result {
    let own = match std::env::var_os(ENDPOINT) {
        Some(_) => None,
        None => Some(Receiver::start().await?),
    };
    let telemetry = |service: &str| {
        let telemetry = TelemetryBuilder::new().service(service);
        match &own {
            Some(own) => telemetry.otlp(OtlpConfig::new(own.url()).protocol(Protocol::HttpJson)),
            None => telemetry,
        }
    };
    let shop_telemetry = telemetry("shop").init()?;
    let watch = Watch::builder("shop").telemetry(shop_telemetry.clone()).admin(support::admin()?).start()?;
    let stock = Stock::start(telemetry("stock"))?;

    let pool = Pool::builder(TokioExecutor::new()).build_http();
    let client = ServiceBuilder::new().layer(watch.client()).service(pool);
    let shop = Arc::new(Shop { client, stock: stock.url().to_owned() });
    let app = Router::new().route("/checkout/{id}", get(checkout)).with_state(shop).watched(&watch);

    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    let outcome = support::run(watch.admin_address(), serve, async |app| {
        assert_eq!(app.get("/checkout/7").await?.text(), "order 7: 3 are there\n");
        let Some(own) = &own else { return Ok(()) };
        // The client can have its answer a moment before the services have noted the end.
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            shop_telemetry.flush(Duration::from_secs(10)).await;
            stock.flush(Duration::from_secs(10)).await;
            match own.check() {
                Err(_) if Instant::now() < deadline => sleep(Duration::from_millis(50)).await,
                checked => return checked,
            }
        }
    });
    let outcome = outcome.await;
    watch.shutdown().await;
    stock.shutdown().await;
    outcome
}

struct Shop {
    client: Client<Pool<HttpConnector, Empty<Bytes>>>,
    stock: String,
}

async fn checkout(Path(id): Path<u32>, State(shop): State<Arc<Shop>>) -> Result<String, StatusCode> {
    let left = traced("reserve", ask_stock(&shop, id)).await?;
    // In the request, so it has the request's ids.
    tracing::info!(order = id, "checked out");
    Ok(format!("order {id}: {left} are there\n"))
}

async fn ask_stock(shop: &Shop, id: u32) -> Result<String, StatusCode> {
    let request = Request::get(format!("{}/stock/{id}", shop.stock)).body(Empty::new());
    let request = request.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let response = shop.client.clone().oneshot(request).await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    if response.status() != StatusCode::OK {
        return Err(response.status());
    }
    // The exchange with the stock ends with its body.
    let body = response.into_body().collect().await.map_err(|_| StatusCode::BAD_GATEWAY)?.to_bytes();
    String::from_utf8(body.into()).map_err(|_| StatusCode::BAD_GATEWAY)
}
