//! What is logged as an error becomes an issue, with what went before it.

use std::error::Error;
use std::fmt;

use axum::Router;
use axum::routing::get as route;
use http::StatusCode;
use tower_watch::{ContextExt, RequestContext};

use crate::ingest::{Ingest, Reporting, get, settings};

#[derive(Debug)]
struct DeclinedError(std::num::ParseIntError);

impl fmt::Display for DeclinedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the payment was declined")
    }
}

impl Error for DeclinedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn shop() -> Router {
    Router::new().route(
        "/orders/{id}",
        route(async || {
            RequestContext::current().unwrap().set_user("ada").unwrap();
            tracing::info!(step = 1, "looked at the cart");
            tracing::debug!("too fine for a breadcrumb");
            tracing::warn!("the stock is low");
            let error = DeclinedError("x".parse::<u8>().unwrap_err());
            tracing::error!(error = &error as &dyn Error, amount = 1990, "no payment");
            StatusCode::BAD_GATEWAY
        }),
    )
}

#[tokio::test]
async fn an_error_arrives_with_its_request_and_what_went_before_it() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()).with_traces(tower_watch::Ratio::NONE));
    assert_eq!(reporting.ask(shop(), get("/orders/7?q=1")).await, StatusCode::BAD_GATEWAY);
    assert!(reporting.flushed().await);

    let sent = ingest.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].path, "/api/42/envelope/");
    assert!(sent[0].auth.contains("sentry_key=public"), "{}", sent[0].auth);
    assert!(sent[0].auth.contains("sentry_client=tower-watch/"), "{}", sent[0].auth);

    let event = ingest.only("event");
    assert_eq!(sent[0].event_id(), event["event_id"]);
    assert_eq!(event["level"].as_str().unwrap_or("error"), "error");
    assert_eq!(event["message"], "no payment");
    assert_eq!(event["transaction"], "GET /orders/{id}");
    assert_eq!(event["tags"]["request_id"], "request-1");
    assert_eq!(event["tags"]["tenant"], "acme");
    assert_eq!(event["tags"]["service"], "shop");
    assert_eq!(event["contexts"]["fields"]["amount"], 1990);
    assert_eq!(event["contexts"]["trace"]["trace_id"].as_str().unwrap().len(), 32);
    assert_eq!(event["contexts"]["trace"]["span_id"].as_str().unwrap().len(), 16);
    assert!(event.get("user").is_none(), "{event}");

    // The innermost cause comes first.
    let exceptions = event["exception"]["values"].as_array().unwrap();
    assert_eq!(exceptions[0]["type"], "ParseIntError");
    assert_eq!(exceptions[1]["type"], "DeclinedError");
    assert_eq!(exceptions[1]["value"], "the payment was declined");

    let crumbs = event["breadcrumbs"]["values"].as_array().unwrap();
    let messages: Vec<_> = crumbs.iter().map(|crumb| crumb["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["looked at the cart", "the stock is low"]);
    assert_eq!(crumbs[0]["data"]["step"], 1);
    assert_eq!(crumbs[1]["level"], "warning");
}

#[tokio::test]
async fn the_last_breadcrumbs_of_the_same_request_go_along() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()).with_breadcrumbs(3).with_users());
    let app = Router::new().route("/quiet", route(async || tracing::info!("another request"))).route(
        "/loud",
        route(async || {
            RequestContext::current().unwrap().set_user("ada").unwrap();
            for number in 0..10 {
                tracing::info!(number, "step");
            }
            // A task without a span, but with the context.
            tokio::spawn(async { tracing::error!("in a task") }.in_context()).await.unwrap();
        }),
    );
    reporting.ask(app.clone(), get("/quiet")).await;
    reporting.ask(app, get("/loud")).await;
    assert!(reporting.flushed().await);
    let event = ingest.only("event");
    assert_eq!(event["tags"]["request_id"], "request-1");
    assert_eq!(event["user"]["id"], "ada");
    let crumbs = event["breadcrumbs"]["values"].as_array().unwrap();
    let numbers: Vec<_> = crumbs.iter().map(|crumb| crumb["data"]["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [7, 8, 9]);
    let trace = &ingest.items("transaction")[1]["contexts"]["trace"];
    assert_eq!(event["contexts"]["trace"]["trace_id"], trace["trace_id"]);
}

#[tokio::test]
async fn an_error_outside_of_all_requests_arrives_too() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    tracing::info!("starting");
    tracing::error!("{}", "x".repeat(100_000));
    assert!(reporting.flushed().await);
    let event = ingest.only("event");
    assert_eq!(event["breadcrumbs"]["values"][0]["message"], "starting");
    assert_eq!(event["message"].as_str().unwrap().len(), 8 * 1024 + 3);
    assert!(event.get("transaction").is_none());
}

#[tokio::test]
async fn what_says_how_the_service_reports_is_not_reported() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    tracing::error!(target: "tower_watch::telemetry", "no way out");
    tracing::error!(target: "tower_watch::access", "a request");
    assert!(reporting.flushed().await);
    assert!(ingest.sent().is_empty());
}
