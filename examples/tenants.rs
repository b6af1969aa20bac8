//! Tenants from everywhere: a header, a subdomain, a part of the path, and an API key that only the auth layer
//! understands. All are required, what cannot be is refused as problem+json, and each has metrics of its own.
//!
//! With one source for the whole service, `Watch::builder(..).tenant(policy)` is all it takes. Here each part of the
//! API has its own, so each has a context layer inside the watch.
//!
//! ```text
//! cargo run --example tenants
//!
//! curl -i http://127.0.0.1:3000/orders                                # 400: header x-tenant-id is missing
//! curl -i http://127.0.0.1:3000/orders -H 'x-tenant-id: acme'
//! curl -i http://127.0.0.1:3000/orders -H 'x-tenant-id: umbrella'     # 400: names no known tenant
//! curl -i http://127.0.0.1:3000/t/acme/orders
//! curl -i http://127.0.0.1:3000/storefront -H 'host: globex.shop.example'
//! curl -i http://127.0.0.1:3000/partner/orders -H 'x-api-key: key-of-initech'
//! curl http://127.0.0.1:3000/metrics
//! ```

mod support;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use tower::ServiceBuilder;
use tower_watch::layers::context::ContextObserver;
use tower_watch::{
    ContextLayer, RequestContext, RequireTenantLayer, RouterExt, TenantMetrics, TenantPolicy, Watch,
};

const CUSTOMERS: [&str; 2] = ["acme", "globex"];

#[tokio::main]
async fn main() -> support::Result {
    // Customers always have a place; of the others, two are told apart and the rest is `_other`.
    let metrics = TenantMetrics::new().pin(CUSTOMERS).cap(2);
    let watch = Watch::builder("shop").tenant_metrics(metrics).admin(support::admin()?).start()?;
    let app = shop().watched(&watch);
    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    support::run(watch.admin_address(), serve, check).await
}

fn shop() -> Router {
    let header = TenantPolicy::header(HeaderName::from_static("x-tenant-id")).allow(CUSTOMERS);
    let path = TenantPolicy::path_parameter("tenant").max_len(20);
    let subdomain =
        TenantPolicy::subdomain_of("shop.example").validate(|tenant| !tenant.starts_with("test-"));
    let late = TenantPolicy::late().allow(["initech"]);

    Router::new()
        .merge(Router::new().route("/orders", get(orders)).layer(required(header)))
        .merge(Router::new().route("/t/{tenant}/orders", get(orders)).layer(required(path)))
        .merge(Router::new().route("/storefront", get(orders)).layer(required(subdomain)))
        .merge(Router::new().route("/partner/orders", get(orders)).route_layer(
            // Authentication sets the tenant, and what is inside of it can check.
            ServiceBuilder::new().layer(from_fn(by_api_key)).layer(RequireTenantLayer::new(late)),
        ))
}

fn required(policy: TenantPolicy) -> ContextLayer {
    // The watch around it has settled the request id already.
    ContextLayer::new(ContextObserver::new().without_request_id().with_tenant(policy.required()))
}

/// Stands for a look into the table of keys.
async fn by_api_key(context: RequestContext, request: Request, next: Next) -> Result<Response, StatusCode> {
    let key = request.headers().get("x-api-key").and_then(|key| key.to_str().ok());
    let tenant = key.and_then(|key| key.strip_prefix("key-of-")).ok_or(StatusCode::UNAUTHORIZED)?;
    context.set_tenant(tenant).map_err(|_| StatusCode::UNAUTHORIZED)?;
    Ok(next.run(request).await)
}

async fn orders(context: RequestContext) -> String {
    match context.tenant() {
        Some(tenant) => format!("the orders of {tenant}\n"),
        None => "nobody's orders\n".to_owned(),
    }
}

async fn check(shop: support::Client) -> support::Result {
    let get = Request::get;
    for (request, answer) in [
        (get("/orders").header("x-tenant-id", "acme"), "the orders of acme\n"),
        (get("/storefront").header("host", "globex.shop.example"), "the orders of globex\n"),
        (get("/t/acme/orders"), "the orders of acme\n"),
        (get("/t/first/orders"), "the orders of first\n"),
        (get("/t/second/orders"), "the orders of second\n"),
        (get("/t/third/orders"), "the orders of third\n"),
        (get("/partner/orders").header("x-api-key", "key-of-initech"), "the orders of initech\n"),
    ] {
        let got = shop.send(request, "").await?;
        assert_eq!((got.status, got.text()), (StatusCode::OK, answer));
    }
    for (request, detail) in [
        (get("/orders"), "header x-tenant-id is missing"),
        (get("/orders").header("x-tenant-id", "umbrella"), "header x-tenant-id names no known tenant"),
        (get("/storefront").header("host", "shop.example"), "the subdomain of shop.example is missing"),
        (
            get("/t/a-name-that-is-too-long-for-it/orders"),
            "path parameter tenant must have at most 20 characters",
        ),
        (get("/partner/orders").header("x-api-key", "key-of-hooli"), "the tenant names no known tenant"),
    ] {
        let refused = shop.send(request, "").await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{detail}");
        assert_eq!(refused.header("content-type"), "application/problem+json");
        let problem = refused.json()?;
        assert_eq!(problem["detail"], detail);
        assert_eq!(problem["request_id"], refused.header("x-request-id"));
    }

    let tenants = "tenant_http_requests_total";
    shop.wait_for(tenants, &[("tenant", "acme"), ("status", "200")], 2.0).await?;
    shop.wait_for(tenants, &[("tenant", "globex"), ("status", "200")], 1.0).await?;
    shop.wait_for(tenants, &[("tenant", "first")], 1.0).await?;
    shop.wait_for(tenants, &[("tenant", "second")], 1.0).await?;
    // The third without a pin, and initech.
    shop.wait_for(tenants, &[("tenant", "_other"), ("status", "200")], 2.0).await?;
    assert!(!shop.numbers().await?.has(tenants, &[("tenant", "third")]));
    shop.wait_for("http_requests_total", &[("status", "400")], 5.0).await
}
