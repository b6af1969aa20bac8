//! What `--check` asks the shop, and what `/metrics` has to say about it.

use axum::http::{Request, StatusCode, header, request::Builder};
use http_body_util::BodyExt;
use serde_json::json;

use crate::support::{Client, Result};

pub(crate) async fn check(shop: Client) -> Result {
    products(&shop).await?;
    payments(&shop).await?;
    failures(&shop).await?;
    streams(&shop).await
}

async fn products(shop: &Client) -> Result {
    let list = shop.get("/products").await?;
    assert_eq!(list.status, StatusCode::OK);
    assert_eq!(list.json()?[0]["name"], "pencil");
    assert_eq!(list.header("x-request-id").len(), 36, "a request id is made");

    let echoed = shop.send(Request::get("/products").header("x-request-id", "abc-123"), "").await?;
    assert_eq!(echoed.header("x-request-id"), "abc-123", "a request id that is sent is kept");

    let added = shop.send(json(Request::post("/products")), r#"{"name":"desk","price_cents":9900}"#).await?;
    assert_eq!((added.status, added.header("location")), (StatusCode::CREATED, "/products/4"));
    let replaced = shop.send(json(Request::put("/products/4")), r#"{"name":"desk","price_cents":1}"#).await?;
    assert_eq!(replaced.json()?, json!({ "id": 4, "name": "desk", "price_cents": 1 }));
    let refused = shop.send(json(Request::post("/products")), r#"{"name":" ","price_cents":1}"#).await?;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()?["request_id"], refused.header("x-request-id"));
    assert_eq!(shop.send(Request::delete("/products/4"), "").await?.status, StatusCode::NO_CONTENT);
    assert_eq!(shop.get("/products/4").await?.status, StatusCode::NOT_FOUND);

    let requests = "http_requests_total";
    shop.wait_for(requests, &[("method", "GET"), ("endpoint", "/products"), ("status", "200")], 2.0).await?;
    shop.wait_for(requests, &[("method", "POST"), ("endpoint", "/products")], 2.0).await?;
    shop.wait_for(requests, &[("endpoint", "/products/{id}")], 3.0).await?;
    shop.wait_for(requests, &[("endpoint", "/products/{id}"), ("status", "404")], 1.0).await
}

async fn payments(shop: &Client) -> Result {
    for number in 1..=5 {
        let request = json(Request::post("/payments")).header("x-tenant-id", "acme");
        let answer = shop.send(request, r#"{"amount_cents":1990}"#).await?;
        if number < 5 {
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(answer.json()?["reference"], answer.header("x-request-id"));
        } else {
            assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
        }
    }
    let stranger = json(Request::post("/payments")).header("x-tenant-id", "nobody");
    let answer = shop.send(stranger, r#"{"amount_cents":0}"#).await?;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "an unknown tenant costs no answer");

    shop.wait_for("shop_payments_total", &[("result", "paid")], 4.0).await?;
    shop.wait_for("shop_payments_total", &[("result", "failed")], 1.0).await?;
    shop.wait_for("shop_revenue_cents_total", &[], 7_960.0).await?;
    shop.wait_for("http_requests_errors_total", &[("error_type", "bank_silent")], 1.0).await?;
    shop.wait_for("tenant_http_requests_total", &[("tenant", "acme"), ("status", "200")], 4.0).await?;
    shop.wait_for("tenant_http_requests_total", &[("tenant", "acme"), ("status", "502")], 1.0).await?;
    shop.wait_for("tenant_http_requests_total", &[], 5.0).await
}

async fn failures(shop: &Client) -> Result {
    let panicked = shop.get("/panic").await?;
    assert_eq!(panicked.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(panicked.json()?["request_id"], panicked.header("x-request-id"));
    assert_eq!(shop.get("/nowhere").await?.status, StatusCode::NOT_FOUND);
    assert_eq!(shop.get("/health/liveness").await?.text(), r#"{"status":"alive"}"#);

    shop.wait_for("http_requests_total", &[("endpoint", "/panic"), ("status", "500")], 1.0).await?;
    shop.wait_for("http_requests_errors_total", &[("error_type", "panic")], 1.0).await?;
    shop.wait_for("http_requests_total", &[("endpoint", "unmatched"), ("status", "404")], 1.0).await?;
    assert!(!shop.numbers().await?.has("http_requests_total", &[("endpoint", "/health/liveness")]));
    Ok(())
}

async fn streams(shop: &Client) -> Result {
    assert_eq!(shop.get("/reports/daily").await?.status, StatusCode::OK);
    let fast = [("endpoint", "/reports/daily"), ("le", "0.25")];
    let slow = [("endpoint", "/reports/daily"), ("le", "0.5")];
    shop.wait_for("http_request_duration_seconds_count", &slow[..1], 1.0).await?;
    shop.wait_for("http_request_duration_seconds_bucket", &fast, 0.0).await?;

    let export = shop.get("/export").await?;
    assert_eq!((export.body.len(), export.header("content-length")), (4 * 1024 * 1024, ""));
    let size = "http_response_size_bytes_sum";
    shop.wait_for(size, &[("endpoint", "/export")], 4_194_304.0).await?;

    let uploaded = shop.send(Request::post("/upload"), vec![0; 3_000_000]).await?;
    assert_eq!(uploaded.json()?["bytes"], 3_000_000);
    shop.wait_for("http_request_size_bytes_sum", &[("endpoint", "/upload")], 3_000_000.0).await?;

    let mut events = shop.open(Request::get("/events"), "").await?.into_body();
    let tick = events.frame().await.ok_or("no event came")??;
    assert_eq!(tick.into_data().map_err(|_| "no data")?, "event: tick\ndata: 0\n\n");
    let endpoint = [("endpoint", "/events")];
    shop.wait_for("http_requests_in_flight", &endpoint, 1.0).await?;
    drop(events);
    shop.wait_for("http_requests_aborted_total", &[endpoint[0], ("reason", "body_dropped")], 1.0).await?;
    shop.wait_for("http_requests_in_flight", &endpoint, 0.0).await?;
    shop.wait_for("http_request_duration_seconds_count", &endpoint, 0.0).await?;
    shop.wait_for("http_response_head_seconds_count", &endpoint, 1.0).await
}

fn json(request: Builder) -> Builder {
    request.header(header::CONTENT_TYPE, "application/json")
}
