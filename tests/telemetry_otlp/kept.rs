//! Traces that are kept at their end.

use axum::http::StatusCode;
use axum::{Router, routing::get};
use tower_watch::Ratio;
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::otlp::OtlpConfig;

use crate::receiver::{Receiver, attribute};
use crate::service::Service;

#[tokio::test]
async fn an_error_that_was_not_sampled_is_exported_with_its_whole_tree() {
    let receiver = Receiver::start([]).await;
    let config = OtlpConfig::new(receiver.url());
    let router = Router::new().route("/fine", get(async || {})).route(
        "/fails",
        get(async || {
            tracing::info_span!("charge", amount = 7).in_scope(|| {
                tracing::error!(code = 3, "no money");
                tracing::info_span!("ask the bank").in_scope(|| {});
            });
            StatusCode::BAD_GATEWAY
        }),
    );
    let service = Service::start(TelemetryBuilder::new().otlp(config), Ratio::NONE, router);
    service.get("/fine").await;
    service.get("/fails").await;
    assert!(service.flush().await);
    assert_eq!(receiver.spans().len(), 3);
    let (root, charge, ask) =
        (receiver.span("GET /fails"), receiver.span("charge"), receiver.span("ask the bank"));
    assert_eq!(attribute(&root, "http.response.status_code").as_deref(), Some("502"));
    assert_eq!((root.kind, root.parent_span_id.len()), (2, 0));
    assert_eq!(root.status.as_ref().map(|status| status.code), Some(2));
    assert_eq!((&charge.parent_span_id, &ask.parent_span_id), (&root.span_id, &charge.span_id));
    assert!([&charge, &ask].iter().all(|span| span.trace_id == root.trace_id));
    assert_eq!(attribute(&charge, "amount").as_deref(), Some("7"));
    assert_eq!(charge.events[0].name, "no money");
    assert!(root.start_time_unix_nano <= charge.start_time_unix_nano);
    assert!(charge.start_time_unix_nano <= ask.start_time_unix_nano);
    assert!(ask.end_time_unix_nano <= charge.end_time_unix_nano);
    assert!(charge.end_time_unix_nano <= root.end_time_unix_nano);
}
