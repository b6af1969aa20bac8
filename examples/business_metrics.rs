//! What the business asks of a shop: registrations, orders, revenue, abandoned carts and the commissions of partners,
//! as counters, gauges and histograms, and all of it at one JSON endpoint, without another server.
//!
//! ```text
//! cargo run --example business_metrics
//!
//! curl -X POST http://127.0.0.1:3000/registrations
//! curl -X POST http://127.0.0.1:3000/carts                   # {"cart":1}
//! curl -X POST http://127.0.0.1:3000/carts                   # {"cart":2}
//! curl http://127.0.0.1:3000/orders --json '{"cart":1,"euros":49.9,"partner":"acme"}'
//! curl -X DELETE http://127.0.0.1:3000/carts/2               # abandoned
//! curl http://127.0.0.1:3000/business                        # today, trends, rates
//! curl 'http://127.0.0.1:3000/business?seconds=60'           # this minute against the one before
//! ```

mod support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use serde::Deserialize;
use serde_json::{Value, json};
use tower_watch::promql::{self, QueryError};
use tower_watch::{RouterExt, Watch};

const PARTNERS: [&str; 2] = ["acme", "globex"];

/// What a partner gets of an order that came through it.
const COMMISSION: f64 = 0.12;

#[tokio::main]
async fn main() -> support::Result {
    let watch = Watch::builder("shop")
        // What is here a quarter of a second is 5 s by default; the numbers at `/business` are as old.
        .tick(Duration::from_millis(250))
        .registers(|registers| {
            registers.buckets_for("order_value_euros", [10.0, 20.0, 50.0, 100.0, 200.0, 500.0])
        })
        .admin(support::admin()?)
        .start()?;
    describe();
    let shop = Shop { watch: watch.clone(), carts: Arc::default() };
    let carts = Arc::clone(&shop.carts);
    // What has a value at any time and no moment to record it at.
    watch.collect("carts", Duration::from_secs(1), move || {
        let active = carts.lock().unwrap_or_else(PoisonError::into_inner).open.len();
        async move { gauge!("active_carts").set(active as f64) }
    })?;
    let app = routes(shop).watched(&watch);
    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    let outcome = support::run(watch.admin_address(), serve, check).await;
    watch.shutdown().await;
    outcome
}

fn describe() {
    describe_counter!("registrations_total", "Customers who registered.");
    describe_counter!("carts_total", "Carts that somebody began to fill.");
    describe_counter!("carts_abandoned_total", "Carts that were left without an order.");
    describe_counter!("orders_total", "Orders, by channel.");
    describe_counter!("commission_cents_total", "Commissions earned, by partner.");
    describe_gauge!("active_carts", "Carts that are being filled.");
    describe_histogram!("order_value_euros", "What an order is worth.");
}

#[derive(Clone)]
struct Shop {
    watch: Watch,
    carts: Arc<Mutex<Carts>>,
}

#[derive(Default)]
struct Carts {
    last: u64,
    open: BTreeSet<u64>,
}

impl Shop {
    fn close(&self, cart: u64) -> bool {
        self.carts.lock().unwrap_or_else(PoisonError::into_inner).open.remove(&cart)
    }
}

fn routes(shop: Shop) -> Router {
    Router::new()
        .route("/registrations", post(register))
        .route("/carts", post(fill_cart))
        .route("/carts/{cart}", delete(abandon_cart))
        .route("/orders", post(order))
        .route("/business", get(business))
        .with_state(shop)
}

async fn register() -> StatusCode {
    counter!("registrations_total").increment(1);
    StatusCode::CREATED
}

async fn fill_cart(State(shop): State<Shop>) -> Json<Value> {
    let mut carts = shop.carts.lock().unwrap_or_else(PoisonError::into_inner);
    carts.last += 1;
    let cart = carts.last;
    carts.open.insert(cart);
    counter!("carts_total").increment(1);
    Json(json!({ "cart": cart }))
}

async fn abandon_cart(State(shop): State<Shop>, Path(cart): Path<u64>) -> StatusCode {
    if !shop.close(cart) {
        return StatusCode::NOT_FOUND;
    }
    counter!("carts_abandoned_total").increment(1);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Order {
    cart: u64,
    euros: f64,
    partner: Option<String>,
}

async fn order(State(shop): State<Shop>, Json(order): Json<Order>) -> StatusCode {
    if !(0.0..=10_000.0).contains(&order.euros) {
        return StatusCode::UNPROCESSABLE_ENTITY;
    }
    // A label's value is one of a few, and never what a client made up.
    let partner = order.partner.and_then(|name| PARTNERS.into_iter().find(|partner| *partner == name));
    if !shop.close(order.cart) {
        return StatusCode::NOT_FOUND;
    }
    let channel = if partner.is_some() { "partner" } else { "direct" };
    counter!("orders_total", "channel" => channel).increment(1);
    histogram!("order_value_euros").record(order.euros);
    if let Some(partner) = partner {
        // A counter counts whole things: cents.
        let cents = (order.euros * 100.0 * COMMISSION).round() as u64;
        counter!("commission_cents_total", "partner" => partner).increment(cents);
    }
    StatusCode::CREATED
}

#[derive(Deserialize)]
struct Period {
    seconds: Option<u32>,
}

/// The whole dashboard.
async fn business(
    State(Shop { watch, .. }): State<Shop>,
    Query(period): Query<Period>,
) -> Result<Json<Value>, Unanswered> {
    let seconds = period.seconds.unwrap_or(3_600).clamp(1, 43_200);
    let recent = watch.summary("orders_total", Duration::from_secs(seconds.into())).await?;
    let (orders, revenue) = (watch.today("orders_total").await?, watch.today("order_value_euros").await?);
    let (filled, abandoned) =
        (watch.today("carts_total").await?, watch.today("carts_abandoned_total").await?);
    let mut commissions = serde_json::Map::new();
    for partner in PARTNERS {
        let cents = watch.today(&format!("commission_cents_total{{partner={partner:?}}}")).await?.total;
        commissions.insert(partner.into(), json!(cents.unwrap_or(0.0) / 100.0));
    }
    Ok(Json(json!({
        "today": {
            "registrations": watch.today("registrations_total").await?.count.unwrap_or(0),
            "orders": orders.count.unwrap_or(0),
            "revenue_euros": revenue.total.unwrap_or(0.0),
            "order_value_euros": { "avg": revenue.avg, "p95": revenue.p95 },
            "cart_abandonment": filled.count.zip(abandoned.count).map(|(all, left)| left as f64 / all.max(1) as f64),
            "commissions_euros": commissions,
        },
        "now": { "active_carts": watch.summary("active_carts", Duration::from_secs(60)).await?.latest_value },
        "trends_percent": {
            "orders": trend(&watch, "orders_total", seconds).await?,
            "revenue": trend(&watch, "order_value_euros_sum", seconds).await?,
        },
        "rates": { "orders_per_minute": recent.rate_per_minute },
    })))
}

/// By how many percent a counter grew more than in the period before; nothing where there was nothing.
async fn trend(watch: &Watch, counter: &str, seconds: u32) -> Result<Option<f64>, QueryError> {
    let grown = format!("sum(increase({counter}[{seconds}s]))");
    let before = format!("sum(increase({counter}[{seconds}s] offset {seconds}s))");
    let answer = watch.query(&format!("100 * ({grown} / {before} - 1)")).await?;
    let promql::Value::Vector(samples) = answer.value else { return Ok(None) };
    Ok(samples.first().map(|sample| sample.point.value).filter(|percent| percent.is_finite()))
}

/// No answer from the past, with the reason.
struct Unanswered(QueryError);

impl From<QueryError> for Unanswered {
    fn from(error: QueryError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Unanswered {
    fn into_response(self) -> Response {
        (StatusCode::SERVICE_UNAVAILABLE, self.0.to_string()).into_response()
    }
}

async fn check(shop: support::Client) -> support::Result {
    for _ in 0..3 {
        let registered = shop.send(Request::post("/registrations"), "").await?;
        assert_eq!(registered.status, StatusCode::CREATED);
    }
    buy(&shop, 50.0, "acme").await?;
    buy(&shop, 150.0, "globex").await?;
    buy(&shop, 100.0, "whoever").await?;
    let cart = fill(&shop).await?;
    let left = shop.send(Request::delete(format!("/carts/{cart}")), "").await?;
    assert_eq!(left.status, StatusCode::NO_CONTENT);
    fill(&shop).await?;
    fill(&shop).await?;

    let business = wait_for(&shop, "/business", |business| business["now"]["active_carts"] == 2.0).await?;
    let today = &business["today"];
    // Should midnight have passed meanwhile, today knows of none of them.
    if today["orders"] != 0 {
        assert_eq!((&today["registrations"], &today["orders"]), (&json!(3), &json!(3)), "{business}");
        assert_eq!(today["revenue_euros"], 300.0, "{business}");
        assert_eq!(today["order_value_euros"]["avg"], 100.0, "{business}");
        assert!(
            today["order_value_euros"]["p95"].as_f64().is_some_and(|p95| (100.0..=200.0).contains(&p95)),
            "{business}"
        );
        assert_eq!(today["commissions_euros"], json!({ "acme": 6.0, "globex": 18.0 }), "{business}");
        // One of six carts.
        assert!(
            today["cart_abandonment"].as_f64().is_some_and(|share| (share - 1.0 / 6.0).abs() < 1e-9),
            "{business}"
        );
    }
    assert_eq!(business["rates"]["orders_per_minute"], 3.0 / 60.0, "{business}");
    assert_eq!(
        business["trends_percent"]["orders"],
        Value::Null,
        "an hour ago there was no shop: {business}"
    );

    // One second against the one before, as soon as there is one.
    buy(&shop, 20.0, "acme").await?;
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    buy(&shop, 20.0, "acme").await?;
    wait_for(&shop, "/business?seconds=1", |business| business["trends_percent"]["revenue"].is_number())
        .await?;

    let numbers = shop.numbers().await?;
    assert!(numbers.has("tower_watch_collector_runs_total", &[("collector", "carts")]));
    Ok(())
}

async fn fill(shop: &support::Client) -> support::Result<u64> {
    let cart = shop.send(Request::post("/carts"), "").await?.json()?;
    Ok(cart["cart"].as_u64().ok_or("a cart has a number")?)
}

async fn buy(shop: &support::Client, euros: f64, partner: &str) -> support::Result {
    let order = json!({ "cart": fill(shop).await?, "euros": euros, "partner": partner });
    let request = Request::post("/orders").header("content-type", "application/json");
    let answer = shop.send(request, order.to_string()).await?;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    Ok(())
}

/// Asks until the answer is as it must become.
async fn wait_for(
    shop: &support::Client,
    path: &str,
    holds: impl Fn(&Value) -> bool,
) -> support::Result<Value> {
    for _ in 0..100 {
        let answer = shop.get(path).await?;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let business = answer.json()?;
        if holds(&business) {
            return Ok(business);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(format!("{path} never said what it must").into())
}
