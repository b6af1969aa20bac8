//! A stack of one's own: the watch's layer among those of tower-http, a panic handler and an auth layer that alone
//! knows the user and the tenant.
//!
//! ```text
//! cargo run --example custom_stack
//!
//! curl -i http://127.0.0.1:3000/version
//! curl -i http://127.0.0.1:3000/orders                                            # 401
//! curl -i http://127.0.0.1:3000/orders -H 'authorization: Bearer ada-of-acme'
//! curl -i http://127.0.0.1:3000/orders -H 'authorization: Bearer ada-of-nobody'   # 400: a user without a tenant
//! curl -i http://127.0.0.1:3000/slow   -H 'authorization: Bearer ada-of-acme'     # 504
//! curl -i http://127.0.0.1:3000/panic  -H 'authorization: Bearer ada-of-acme'     # 500, by request id
//! curl http://127.0.0.1:3000/metrics
//! ```

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tower_watch::{
    AnswerPanic, Preset, RequestContext, RequireTenantLayer, TenantMetrics, TenantPolicy, Watch,
};
use tracing::{Level, Span};

use support::{Answer, Client};

#[tokio::main]
async fn main() -> support::Result {
    let tenants = TenantPolicy::late().allow(["acme", "globex"]);
    let watch = Watch::builder("orders")
        .preset(Preset::Production)
        .tenant(tenants.clone())
        .tenant_metrics(TenantMetrics::new())
        .admin(support::admin()?)
        .start()?;

    let private = ServiceBuilder::new()
        // Sets the user and the tenant, late: the layers around it have seen neither when the request came by, but
        // all of them see both when it ends.
        .layer(from_fn(authenticate))
        // So the tenant is checked here, inside.
        .layer(RequireTenantLayer::new(tenants));

    let stack = ServiceBuilder::new()
        // Outermost, so that it sees what the client sees: the compressed size, the 504 of a timeout, the 401.
        .layer(watch.layer())
        // Inside the watch, where a request has its id and its endpoint.
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_response(DefaultOnResponse::new().level(Level::INFO)),
        )
        // Inside both: they see a 500, and not a connection that broke off.
        .layer(CatchPanicLayer::custom(AnswerPanic::new()))
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_millis(250)));

    let app = Router::new()
        .route("/orders", get(orders))
        .route("/slow", get(slow))
        .route("/panic", get(panic))
        .route_layer(private)
        .route("/version", get(|| async { env!("CARGO_PKG_VERSION") }))
        .merge(watch.router())
        // `Router::layer`, and not a ServiceBuilder around the router: here the matched route is known.
        .layer(stack);

    // The preset adopts request ids from private networks only, so it must know who is there.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    support::run(watch.admin_address(), serve, check).await
}

fn span(request: &Request) -> Span {
    let context = RequestContext::of(request.extensions());
    let request_id = context.as_ref().and_then(RequestContext::request_id).map(ToString::to_string);
    let endpoint = context.as_ref().map(RequestContext::endpoint);
    tracing::info_span!("request", method = %request.method(), endpoint, request_id)
}

/// Stands for a look into a signed token: `Bearer USER-of-TENANT`.
async fn authenticate(context: RequestContext, request: Request, next: Next) -> Result<Response, StatusCode> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)?;
    let (user, tenant) = token.split_once("-of-").ok_or(StatusCode::UNAUTHORIZED)?;
    context.set_user(user).map_err(|_| StatusCode::UNAUTHORIZED)?;
    if tenant != "nobody" {
        context.set_tenant(tenant).map_err(|_| StatusCode::UNAUTHORIZED)?;
    }
    Ok(next.run(request).await)
}

async fn orders(context: RequestContext) -> String {
    let user = context.user().map(|user| user.to_string()).unwrap_or_default();
    let tenant = context.tenant().map(|tenant| tenant.to_string()).unwrap_or_default();
    format!("the orders that {user} of {tenant} may see: {}\n", "a pencil, ".repeat(200))
}

async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_secs(60)).await;
    "this took too long"
}

async fn panic() -> &'static str {
    panic!("somebody asked for it")
}

async fn check(app: Client) -> support::Result {
    assert_eq!(app.get("/version").await?.status, StatusCode::OK);
    assert_eq!(app.get("/orders").await?.status, StatusCode::UNAUTHORIZED);
    let orders = ask(&app, "/orders", "acme").await?;
    assert!(orders.text().starts_with("the orders that ada of acme may see"), "{}", orders.text());
    for tenant in ["nobody", "initech"] {
        let refused = ask(&app, "/orders", tenant).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(refused.header("content-type"), "application/problem+json");
    }
    assert_eq!(ask(&app, "/slow", "globex").await?.status, StatusCode::GATEWAY_TIMEOUT);
    let panicked = ask(&app, "/panic", "globex").await?;
    assert_eq!(panicked.json()?["request_id"], panicked.header("x-request-id"));
    assert!(!panicked.text().contains("somebody"), "production tells no stranger what a panic said");

    let requests = "http_requests_total";
    for (endpoint, status, count) in [
        ("/version", "200", 1.0),
        ("/orders", "200", 1.0),
        ("/orders", "401", 1.0),
        ("/orders", "400", 2.0),
        ("/slow", "504", 1.0),
        ("/panic", "500", 1.0),
    ] {
        app.wait_for(requests, &[("endpoint", endpoint), ("status", status)], count).await?;
    }
    app.wait_for("http_requests_errors_total", &[("error_type", "panic")], 1.0).await?;
    app.wait_for("tenant_http_requests_total", &[("tenant", "acme"), ("status", "200")], 1.0).await?;
    app.wait_for("tenant_http_requests_total", &[("tenant", "globex")], 2.0).await?;

    let size = ("http_response_size_bytes_sum", [("endpoint", "/orders")]);
    let before = app.numbers().await?.sum(size.0, &size.1);
    let request = Request::get("/orders").header("authorization", "Bearer ada-of-acme");
    let compressed = app.send(request.header("accept-encoding", "gzip"), "").await?;
    assert_eq!(compressed.header("content-encoding"), "gzip");
    app.wait_for(size.0, &size.1, before + compressed.body.len() as f64).await
}

async fn ask(app: &Client, path: &str, tenant: &str) -> support::Result<Answer> {
    app.send(Request::get(path).header("authorization", format!("Bearer ada-of-{tenant}")), "").await
}
