//! What one route does differently, and who has the last word on it: the handler, then the route's own layer, then
//! the policy table, then the preset.
//!
//! ```text
//! cargo run --example per_route
//!
//! curl http://127.0.0.1:3000/products                              # the preset: no plan
//! curl http://127.0.0.1:3000/partners/orders                       # the table: plan="partner"
//! curl http://127.0.0.1:3000/partners/trial                        # the route's layer: plan="trial"
//! curl 'http://127.0.0.1:3000/partners/trial?plan=gold'            # the handler: plan="gold"
//! curl http://127.0.0.1:3000/uploads --data-binary @Cargo.lock     # a stream: not in the latency histogram
//! curl http://127.0.0.1:3000/internal/ping                         # off: no metric at all
//! curl http://127.0.0.1:3000/v1/users/7                            # nest: /v1/users/{id}
//! curl http://127.0.0.1:3000/legacy/items/7                        # nest_service: /legacy/items/{id}
//! curl http://127.0.0.1:3000/archive/7                             # a fallback service: /archive/{id}
//! curl http://127.0.0.1:3000/nowhere                               # unmatched
//! curl http://127.0.0.1:3000/metrics
//! ```

mod support;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Query;
use axum::http::{Request, StatusCode};
use axum::routing::{get, post};
use serde::Deserialize;
use tower_watch::{Label, RequestContext, RoutePolicy, RouterExt, Watch};

#[tokio::main]
async fn main() -> support::Result {
    let watch = Watch::builder("shop")
        // Declared, so that its values have a cap: what is not among them is `_other`.
        .label(Label::new("plan").values(["partner", "trial", "gold"]))
        .policy("/partners/*", RoutePolicy::new().label("plan", "partner"))
        .policy("GET /internal/*", RoutePolicy::new().off())
        .admin(support::admin()?)
        .start()?;
    let app = shop(&watch).watched(&watch);
    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    support::run(watch.admin_address(), serve, check).await
}

fn shop(watch: &Watch) -> Router {
    let ok = || async { "ok\n" };
    let trial = watch.route(RoutePolicy::new().label("plan", "trial"));
    let stream = watch.route(RoutePolicy::new().streaming(true));
    // Where the routes of a router cannot be seen from outside, this tells its templates.
    let seen = watch.mounted();

    Router::new()
        .route("/products", get(ok))
        .route("/partners/orders", get(ok))
        .route("/partners/trial", get(order).layer(trial))
        .route("/uploads", post(|body: Bytes| async move { body.len().to_string() }).layer(stream))
        .route("/internal/ping", get(ok))
        .nest("/v1", Router::new().route("/users/{id}", get(ok)))
        .nest_service("/legacy", Router::new().route("/items/{id}", get(ok)).layer(seen.clone()))
        .fallback_service(Router::new().route("/archive/{id}", get(ok)).layer(seen))
}

#[derive(Debug, Deserialize)]
struct Order {
    plan: Option<String>,
}

async fn order(context: RequestContext, Query(order): Query<Order>) -> &'static str {
    if let Some(plan) = order.plan {
        context.set_label("plan", plan);
    }
    "ordered\n"
}

async fn check(shop: support::Client) -> support::Result {
    let requests = "http_requests_total";
    for (path, endpoint, plan) in [
        ("/products", "/products", None),
        ("/partners/orders", "/partners/orders", Some("partner")),
        ("/partners/trial", "/partners/trial", Some("trial")),
        ("/partners/trial?plan=gold", "/partners/trial", Some("gold")),
        ("/partners/trial?plan=whatever", "/partners/trial", Some("_other")),
        ("/v1/users/7", "/v1/users/{id}", None),
        ("/legacy/items/7", "/legacy/items/{id}", None),
        ("/archive/7", "/archive/{id}", None),
    ] {
        assert_eq!(shop.get(path).await?.status, StatusCode::OK, "{path}");
        let labels: Vec<_> =
            [("endpoint", endpoint)].into_iter().chain(plan.map(|plan| ("plan", plan))).collect();
        shop.wait_for(requests, &labels, 1.0).await?;
    }
    assert!(!shop.numbers().await?.has(requests, &[("endpoint", "/products"), ("plan", "")]));

    assert_eq!(shop.get("/nowhere").await?.status, StatusCode::NOT_FOUND);
    shop.wait_for(requests, &[("endpoint", "unmatched"), ("status", "404")], 1.0).await?;

    assert_eq!(shop.send(Request::post("/uploads"), vec![0; 100_000]).await?.text(), "100000");
    let uploads = [("endpoint", "/uploads")];
    shop.wait_for("http_request_size_bytes_sum", &uploads, 100_000.0).await?;
    shop.wait_for("http_response_head_seconds_count", &uploads, 1.0).await?;
    shop.wait_for("http_request_duration_seconds_count", &uploads, 0.0).await?;

    assert_eq!(shop.get("/internal/ping").await?.status, StatusCode::OK);
    shop.wait_for(requests, &[], 10.0).await?;
    let numbers = shop.numbers().await?;
    for name in [requests, "http_requests_in_flight", "http_response_head_seconds_count"] {
        assert!(!numbers.has(name, &[("endpoint", "/internal/ping")]), "{}", numbers.family(name));
    }
    Ok(())
}
