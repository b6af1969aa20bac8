//! Two services and the way between them: a shop that asks another service through a watched reqwest, works on the answer in
//! spans of its own, and hands a mail to a worker over a channel. One trace, one request id, numbers by host.
//!
//! ```text
//! cargo run --example client --features reqwest
//!
//! curl -i http://127.0.0.1:3000/checkout/7 -H 'x-request-id: abc-123'
//! curl -i http://127.0.0.1:3000/checkout/404
//! curl -s http://127.0.0.1:3000/metrics | grep http_client
//! ```

mod support;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tower::{ServiceBuilder, ServiceExt};
use tower_watch::client::ReqwestService;
use tower_watch::layers::client::Client;
use tower_watch::{DbSpan, Envelope, RequestContext, RouterExt, Watch, traced};

#[tokio::main]
async fn main() -> support::Result {
    // The first watch of a process is its global recorder, so the shop's comes first.
    let watch = Watch::builder("shop").admin(support::admin()?).start()?;
    let orders = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", orders.local_addr()?);
    let orders_watch = Watch::builder("orders").start()?;
    tokio::spawn(async move { axum::serve(orders, orders_service().watched(&orders_watch)).await });

    // Every host gets the trace; who asks is told to the shop's own services only.
    let config =
        watch.client_config().with_trusted_host("127.0.0.1")?.with_trusted_host("*.shop.internal")?;
    let client = ServiceBuilder::new().layer(watch.client_with(config)).service(ReqwestService::new()?);
    let shop = Arc::new(Shop { client, orders: base, mails: start_mailing() });
    let app = Router::new().route("/checkout/{id}", get(checkout)).with_state(shop).watched(&watch);

    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    support::run(watch.admin_address(), serve, check).await
}

struct Shop {
    client: Client<ReqwestService>,
    orders: String,
    mails: mpsc::Sender<Envelope<String>>,
}

/// What a service knows of the request that it works on.
#[derive(Debug, Deserialize, Serialize)]
struct Seen {
    request_id: String,
    trace_id: String,
    span_id: String,
    parent: Option<String>,
}

impl Seen {
    fn now() -> Option<Self> {
        let context = RequestContext::current()?;
        let trace = context.slot().trace()?;
        Some(Self {
            request_id: context.request_id()?.to_string(),
            trace_id: trace.trace_id.to_string(),
            span_id: trace.span_id.to_string(),
            parent: trace.parent.map(|parent| parent.to_string()),
        })
    }
}

#[derive(Serialize)]
struct Checkout {
    shop: Option<Seen>,
    orders: Seen,
}

async fn checkout(Path(id): Path<u32>, State(shop): State<Arc<Shop>>) -> Result<Json<Checkout>, StatusCode> {
    let request = Request::get(format!("{}/orders/{id}", shop.orders)).body(String::new());
    let request = request.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let response = shop.client.clone().oneshot(request).await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    if response.status() != StatusCode::OK {
        return Err(StatusCode::NOT_FOUND);
    }
    // The exchange with the other service ends with its body.
    let body = response.into_body().collect().await.map_err(|_| StatusCode::BAD_GATEWAY)?.to_bytes();
    let orders = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_GATEWAY)?;

    traced("charge", charge(id)).await.map_err(|_| StatusCode::PAYMENT_REQUIRED)?;
    // A worker that knows nothing of requests works on it in this one's context.
    let mail = Envelope::new(format!("order {id} is on its way"));
    shop.mails.try_send(mail).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(Checkout { shop: Seen::now(), orders }))
}

async fn charge(id: u32) -> Result<(), String> {
    let query = format!("INSERT INTO payments VALUES ({id}, '4111 1111 1111 1111')");
    // What is in the query is not shown.
    let call = DbSpan::new("postgresql", "INSERT").collection("payments").query_text(&query);
    call.run(async { Ok(()) }).await
}

fn start_mailing() -> mpsc::Sender<Envelope<String>> {
    let (send, mut mails) = mpsc::channel::<Envelope<String>>(100);
    tokio::spawn(async move {
        while let Some(mail) = mails.recv().await {
            mail.open(|text| {
                let request_id = RequestContext::current().and_then(|now| now.request_id().cloned());
                tracing::info!(?request_id, text, "a mail is sent");
            });
        }
    });
    send
}

fn orders_service() -> Router {
    let order = async |Path(id): Path<u32>| match id {
        404 => Err(StatusCode::NOT_FOUND),
        _ => Seen::now().map(Json).ok_or(StatusCode::INTERNAL_SERVER_ERROR),
    };
    Router::new().route("/orders/{id}", get(order))
}

async fn check(app: support::Client) -> support::Result {
    let answer = app.send(Request::get("/checkout/7").header("x-request-id", "abc-123"), "").await?.json()?;
    let (shop, orders) = (&answer["shop"], &answer["orders"]);
    assert_eq!(orders["trace_id"], shop["trace_id"], "one trace");
    assert_eq!(orders["request_id"], "abc-123", "the host is trusted");
    assert_ne!(orders["parent"], shop["span_id"], "between the two is the client's own span");
    assert!(orders["parent"].is_string() && shop["parent"].is_null());
    assert_eq!(app.get("/checkout/404").await?.status, StatusCode::NOT_FOUND);

    let get = ("method", "GET");
    app.wait_for("http_client_requests_total", &[get, ("status", "200")], 1.0).await?;
    app.wait_for("http_client_requests_total", &[get, ("status", "404")], 1.0).await?;
    app.wait_for("http_client_requests_errors_total", &[get, ("error_type", "404")], 1.0).await?;
    app.wait_for("http_client_request_duration_seconds_bucket", &[("le", "+Inf")], 2.0).await?;
    app.wait_for("http_client_requests_in_flight", &[], 0.0).await?;
    app.wait_for("http_requests_total", &[("endpoint", "/checkout/{id}")], 2.0).await
}
