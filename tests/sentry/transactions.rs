//! A sampled exchange becomes a transaction.

use axum::Router;
use axum::routing::get as route;
use http::StatusCode;
use serde_json::Value;
use tower_watch::{Ratio, Sampling, TraceConfig};
use tracing::Instrument;

use crate::ingest::{Ingest, Reporting, get, settings};

fn app() -> Router {
    Router::new().route(
        "/users/{id}",
        route(async || {
            let inner = async {
                tracing::info_span!("inner", rows = 3).in_scope(|| ());
                tokio::task::yield_now().await;
            };
            inner.instrument(tracing::info_span!("outer", query = "SELECT 1")).await;
            StatusCode::NOT_FOUND
        }),
    )
}

fn span<'t>(transaction: &'t Value, name: &str) -> &'t Value {
    let spans = transaction["spans"].as_array().unwrap();
    spans.iter().find(|span| span["description"] == name).unwrap()
}

#[tokio::test]
async fn a_sampled_exchange_arrives_with_its_spans() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    reporting.ask(app(), get("/users/7")).await;
    assert!(reporting.flushed().await);
    let transaction = ingest.only("transaction");
    let trace = &transaction["contexts"]["trace"];
    assert_eq!(transaction["transaction"], "GET /users/{id}");
    assert_eq!(transaction["tags"]["request_id"], "request-1");
    assert_eq!(transaction["tags"]["service"], "shop");
    assert_eq!(trace["op"], "http.server");
    for moment in ["start_timestamp", "timestamp"] {
        assert!(!transaction[moment].is_null(), "{transaction}");
    }

    let (outer, inner) = (span(&transaction, "outer"), span(&transaction, "inner"));
    assert_eq!(outer["parent_span_id"], trace["span_id"]);
    assert_eq!(inner["parent_span_id"], outer["span_id"]);
    assert_eq!(inner["trace_id"], trace["trace_id"]);
    assert_eq!(inner["data"]["rows"], 3);

    let sent = ingest.sent().remove(0);
    let header = &sent.header;
    assert_eq!(header["trace"]["trace_id"], trace["trace_id"]);
    assert_eq!(header["trace"]["public_key"], "public");
    assert_eq!(sent.event_id(), transaction["event_id"]);
}

#[tokio::test]
async fn what_is_not_sampled_is_not_sent() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    let none = TraceConfig::new().with_sampling(Sampling::parent_based(Ratio::NONE));
    reporting.ask_traced(app(), get("/users/7"), none).await;
    assert!(reporting.flushed().await);
    assert!(ingest.sent().is_empty());
}

#[tokio::test]
async fn a_share_of_what_is_sampled_can_be_sent() {
    let ingest = Ingest::start().await;
    let half = Ratio::new(0.5).unwrap();
    let reporting = Reporting::start(settings(&ingest.dsn()).with_traces(half));
    // The ids decide, so that all services choose the same traces.
    for (trace, _is_sent) in
        [("0af7651916cd43dd0000000000000001", true), ("0af7651916cd43ddffffffffffffffff", false)]
    {
        let mut request = get("/users/7");
        let header = format!("00-{trace}-b7ad6b7169203331-01");
        request.headers_mut().insert("traceparent", header.parse().unwrap());
        reporting.ask(app(), request).await;
    }
    assert!(reporting.flushed().await);
    let trace = &ingest.only("transaction")["contexts"]["trace"];
    assert_eq!(trace["trace_id"], "0af7651916cd43dd0000000000000001");
    assert_eq!(trace["parent_span_id"], "b7ad6b7169203331");
}

#[tokio::test]
async fn more_spans_than_fit_are_counted() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    let many = route(async || (0..310).for_each(|_| tracing::info_span!("step").in_scope(|| ())));
    reporting.ask(Router::new().route("/", many), get("/")).await;
    assert!(reporting.flushed().await);
    let transaction = ingest.only("transaction");
    assert_eq!(transaction["spans"].as_array().unwrap().len(), 300);
    assert_eq!(transaction["contexts"]["trace"]["data"]["spans_not_sent"], 10);
}
