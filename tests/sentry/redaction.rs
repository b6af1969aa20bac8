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

/// No JSON, and no field of its own: an address, a struct as `Debug` shows it, a header, a URL with a password.
#[tokio::test]
async fn no_secret_leaves_in_a_text() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    tracing::info!(url = "https://pay.example/?token=s3cret-1&page=2", "called");
    let cause = std::io::Error::other("Login { user: \"ada\", password: \"s3cret-2\" }");
    let cause: &(dyn std::error::Error + 'static) = &cause;
    tracing::error!(
        error = cause,
        head = "Authorization: Bearer s3cret-3",
        "postgres://shop:s3cret-4@db is away"
    );
    assert!(reporting.flushed().await);
    let all = format!("{:?}", ingest.sent());
    assert!(!all.contains("s3cret"), "{all}");
    assert_eq!(ingest.only("event")["message"], "postgres://shop:[redacted]@db is away");
}

struct Panics;

impl std::fmt::Debug for Panics {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("no Debug today")
    }
}

#[tokio::test]
async fn a_debug_that_panics_costs_its_value_only() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    tracing::error!(bad = ?Panics, kept = 1, "still here");
    assert!(reporting.flushed().await);
    let event = ingest.only("event");
    assert_eq!((&event["message"], &event["contexts"]["fields"]["kept"]), (&"still here".into(), &1.into()));
}

#[tokio::test]
async fn a_user_leaves_only_where_that_was_asked_for() {
    for sends_users in [false, true] {
        let ingest = Ingest::start().await;
        let settings = settings(&ingest.dsn());
        let reporting = Reporting::start(if sends_users { settings.with_users() } else { settings });
        let app = Router::new().route(
            "/",
            route(async |context: tower_watch::RequestContext| {
                context.set_user("ada-lovelace").unwrap();
                tower_watch::telemetry::event("order_placed").emit();
                tracing::error!("failed");
            }),
        );
        reporting.ask(app, get("/")).await;
        assert!(reporting.flushed().await);
        assert_eq!((ingest.items("event").len(), ingest.items("transaction").len()), (1, 1));
        let all = format!("{:?}", ingest.sent());
        assert_eq!(all.contains("ada-lovelace"), sends_users, "{all}");
    }
}
