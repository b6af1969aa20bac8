//! Log records beside the spans that they belong to.

use axum::{Router, routing::get};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use tower_watch::Ratio;
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::otlp::OtlpConfig;

use crate::receiver::Receiver;
use crate::service::Service;

fn says(record: &LogRecord, text: &str) -> bool {
    let body = record.body.as_ref().and_then(|body| body.value.as_ref());
    matches!(body, Some(Value::StringValue(body)) if body == text)
}

#[tokio::test]
async fn all_that_is_logged_of_a_request_has_the_ids_of_its_span() {
    let receiver = Receiver::start([]).await;
    let router =
        Router::new().route("/", get(async || tracing::info!(trace_id = "its own", "in the handler")));
    let config = OtlpConfig::new(receiver.url());
    let service = Service::start(TelemetryBuilder::new().otlp(config), Ratio::ALL, router);
    service.get("/").await;
    assert!(service.flush().await);
    let (span, records) = (receiver.span("GET /"), receiver.records());
    // The access line is written when the exchange is over.
    for (text, own_trace_ids) in [("in the handler", 1), ("request finished", 0)] {
        let record = records.iter().find(|record| says(record, text)).unwrap();
        assert_eq!((&record.trace_id, &record.span_id), (&span.trace_id, &span.span_id), "{text}");
        let attributes = record.attributes.iter().filter(|attribute| attribute.key == "trace_id");
        assert_eq!(attributes.count(), own_trace_ids, "{text}");
    }
}
