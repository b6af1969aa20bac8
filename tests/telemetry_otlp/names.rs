//! Names and kinds that spans get after they were made, in traces that are sampled and in those that are kept.

use axum::http::StatusCode;
use axum::{Router, routing::get};
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::otlp::OtlpConfig;
use tower_watch::{DbSpan, MessageSpan, Ratio, traced};
use tower_watch_layers::observe::RouteLayer;

use crate::receiver::{Receiver, attribute};
use crate::service::Service;

const CLIENT: i32 = 3;
const PRODUCER: i32 = 4;
const ERROR: i32 = 2;

async fn handler() -> StatusCode {
    let insert = DbSpan::new("postgresql", "INSERT").collection("payments");
    insert.run(async { Ok::<_, String>(()) }).await.unwrap();
    drop(MessageSpan::send("kafka", "orders").span());
    traced("charge", async { Err::<(), _>("no money") }).await.unwrap_err();
    StatusCode::BAD_GATEWAY
}

#[tokio::test]
async fn they_are_exported_sampled_or_kept() {
    for sampled in [Ratio::ALL, Ratio::NONE] {
        let receiver = Receiver::start([]).await;
        // Its routes are not seen from outside, so the request has its name at the end.
        let mounted = Router::new().route("/users/{id}", get(handler)).layer(RouteLayer::default());
        let router = Router::new().nest_service("/api", mounted);
        let config = OtlpConfig::new(receiver.url());
        let service = Service::start(TelemetryBuilder::new().otlp(config), sampled, router);
        service.get("/api/users/7").await;
        assert!(service.flush().await);
        assert_eq!(receiver.spans().len(), 4, "{sampled:?}");
        assert_eq!(attribute(&receiver.span("GET /api/users/{id}"), "otel.name"), None);
        for (name, kind) in [("INSERT payments", CLIENT), ("send orders", PRODUCER)] {
            let span = receiver.span(name);
            assert_eq!(span.kind, kind, "{name} {sampled:?}");
            assert_eq!(attribute(&span, "otel.name"), None, "{name} {sampled:?}");
            assert_eq!(attribute(&span, "otel.kind"), None, "{name} {sampled:?}");
        }
        let status = receiver.span("charge").status.unwrap();
        assert_eq!((status.code, status.message.as_str()), (ERROR, "no money"), "{sampled:?}");
    }
}
