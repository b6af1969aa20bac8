//! gRPC with tonic, on both sides: a shop that speaks HTTP asks an order service over gRPC, through a watched channel. One
//! trace, the methods as endpoints, and gRPC's own statuses counted, which travel in trailers behind an HTTP 200.
//!
//! The service is written by hand, so that the example needs no `protoc`; generated code fits in the same places.
//!
//! ```text
//! cargo run --example grpc
//!
//! curl -i http://127.0.0.1:3000/order/tea
//! curl -i http://127.0.0.1:3000/order/gold        # sold out: RESOURCE_EXHAUSTED
//! curl -i http://127.0.0.1:3000/follow/tea        # a stream of three messages
//! curl -s http://127.0.0.1:3000/metrics | grep grpc_status
//! ```

mod orders;
#[path = "../support/mod.rs"]
mod support;

use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use orders::{Order, OrdersClient, Receipt};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tower::ServiceBuilder;
use tower_watch::layers::client::Client;
use tower_watch::{RequestContext, RouterExt, Watch};

#[tokio::main]
async fn main() -> support::Result {
    // The first watch of a process is its global recorder, so it is the one at /metrics.
    let watch = Watch::builder("shop").admin(support::admin()?).start()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(serve_orders(listener));

    // The channel adds the host further in, so the layer is told which it is.
    let config = watch.client_config().with_server(address.to_string()).with_trusted_host("127.0.0.1")?;
    let channel = Endpoint::try_from(format!("http://{address}"))?.connect_lazy();
    let channel = ServiceBuilder::new().layer(watch.client_with(config)).service(channel);

    let app = Router::new()
        .route("/order/{item}", get(order))
        .route("/follow/{item}", get(follow))
        .with_state(channel)
        .watched(&watch);
    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    support::run(watch.admin_address(), serve, check).await
}

/// The gRPC side: a tonic service under axum's router, watched like any other.
async fn serve_orders(listener: TcpListener) -> support::Result {
    let watch = Watch::builder("orders")
        // Known methods are endpoints; any other would be the client's word.
        .grpc_methods([orders::CREATE])
        .grpc_streams([orders::FOLLOW])
        .start()?;
    let app = Router::new().route_service("/shop.Orders/{method}", orders::service()).watched(&watch);
    Ok(axum::serve(listener, app).await?)
}

type Watched = State<Client<Channel>>;

async fn order(Path(item): Path<String>, State(channel): Watched) -> Result<Json<Value>, StatusCode> {
    let receipt =
        OrdersClient::new(channel).create(Order { item }).await.map_err(|status| as_http(&status))?;
    Ok(Json(json!({ "shop": own_trace(), "orders": seen(&receipt) })))
}

async fn follow(Path(item): Path<String>, State(channel): Watched) -> Result<Json<Value>, StatusCode> {
    let steps = OrdersClient::new(channel).follow(Order { item }).await.map_err(|status| as_http(&status))?;
    Ok(Json(json!({ "shop": own_trace(), "orders": steps.iter().map(seen).collect::<Vec<_>>() })))
}

fn own_trace() -> Option<Value> {
    let context = RequestContext::current()?;
    Some(json!({ "trace_id": context.trace_id()?.to_string(), "span_id": context.span_id()?.to_string() }))
}

fn seen(receipt: &Receipt) -> Value {
    json!({
        "trace_id": receipt.trace_id,
        "parent": receipt.parent,
        "request_id": receipt.request_id,
        "step": receipt.step,
    })
}

fn as_http(status: &Status) -> StatusCode {
    match status.code() {
        Code::ResourceExhausted => StatusCode::CONFLICT,
        Code::NotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_GATEWAY,
    }
}

async fn check(app: support::Client) -> support::Result {
    let ordered = app.send(Request::get("/order/tea").header("x-request-id", "abc-123"), "").await?;
    let answer = ordered.json()?;
    let (shop, orders) = (&answer["shop"], &answer["orders"]);
    assert_eq!(orders["trace_id"], shop["trace_id"], "one trace");
    assert_ne!(orders["parent"], shop["span_id"], "between the two is the client's own span");
    assert_eq!(orders["request_id"], "abc-123", "the host is trusted");
    assert_eq!(app.get("/order/gold").await?.status, StatusCode::CONFLICT);
    let followed = app.get("/follow/tea").await?.json()?;
    assert_eq!(followed["orders"].as_array().map(Vec::len), Some(3));

    let sent = "http_client_requests_total";
    app.wait_for(sent, &[("method", "POST"), ("status", "200"), ("grpc_status", "OK")], 2.0).await?;
    app.wait_for(sent, &[("grpc_status", "RESOURCE_EXHAUSTED")], 1.0).await?;
    let failed = "http_client_requests_errors_total";
    app.wait_for(failed, &[("error_type", "RESOURCE_EXHAUSTED")], 1.0).await?;
    app.wait_for("http_client_requests_in_flight", &[], 0.0).await
}
