//! What stands under a secret key does not leave.

use axum::Router;
use axum::routing::get as route;
use tower_watch::layers::redact::Redaction;
use tower_watch::telemetry::TelemetryBuilder;
use tracing::Instrument;

use crate::ingest::{Ingest, Reporting, get, settings};

#[tokio::test]
async fn no_secret_leaves_in_fields_strings_breadcrumbs_or_spans() {
    let ingest = Ingest::start().await;
    let redaction = Redaction::new().with_key("iban");
    let builder = TelemetryBuilder::new().redact(redaction).sentry(settings(&ingest.dsn()));
    let reporting = Reporting::with(builder);
    let app = Router::new().route(
        "/",
        route(async || {
            let work = async {
                let payload =
                    r#"{"user":"ada","auth":{"password":"s3cret-1","list":["{\"token\":\"s3cret-2\"}"]}}"#;
                tracing::info!(db_password = "s3cret-3", payload, "{}", r#"{"api_key":"s3cret-4"}"#);
                let cut = format!(r#"{{"iban":"s3cret-5","pad":"{}"#, "x".repeat(5000));
                tracing::error!(authorization = "s3cret-6", payload, cut, kept = "kept", "failed");
            };
            work.instrument(tracing::info_span!("charge", iban = "s3cret-7", amount = 5)).await;
        }),
    );
    reporting.ask(app, get("/")).await;
    assert!(reporting.flushed().await);
    assert_eq!((ingest.items("event").len(), ingest.items("transaction").len()), (1, 1));
    let all = format!("{:?}", ingest.sent());
    assert!(!all.contains("s3cret"), "{all}");
    let event = ingest.only("event");
    let fields = &event["contexts"]["fields"];
    assert_eq!(fields["authorization"], "[redacted]");
    assert_eq!(fields["kept"], "kept");
    let payload: serde_json::Value = serde_json::from_str(fields["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload["user"], "ada");
    assert_eq!(payload["auth"]["password"], "[redacted]");
    assert_eq!(payload["auth"]["list"][0], r#"{"token":"[redacted]"}"#);
    assert_eq!(fields["cut"], "[redacted]");
    assert_eq!(ingest.only("transaction")["spans"][0]["data"]["amount"], 5);
}
