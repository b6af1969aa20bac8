//! A provider of the user's own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::{Router, routing::get};
use tower_watch::Ratio;
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::otlp::OwnProvider;
use tower_watch::telemetry::otlp::opentelemetry::api::Context;
use tower_watch::telemetry::otlp::opentelemetry::sdk::error::OTelSdkResult;
use tower_watch::telemetry::otlp::opentelemetry::sdk::trace::{
    SdkTracerProvider, Span, SpanData, SpanProcessor,
};
use tower_watch_layers::spans;

use crate::service::Service;

#[derive(Clone, Debug, Default)]
struct Collected(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Collected {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().unwrap().push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[tokio::test]
async fn its_ids_are_those_of_the_log_lines() {
    let collected = Collected::default();
    let provider = SdkTracerProvider::builder().with_span_processor(collected.clone()).build();
    let router = Router::new().route(
        "/",
        get(async || {
            let here = spans::current().unwrap();
            let below = tracing::info_span!("below").in_scope(|| spans::current().unwrap());
            format!("{} {} {}", here.trace_id, here.span_id, below.span_id)
        }),
    );
    let builder = TelemetryBuilder::new().tracer_provider(OwnProvider::new(&provider));
    let service = Service::start(builder, Ratio::ALL, router);
    let answer = service.get("/").await;
    let body = axum::body::to_bytes(answer.into_body(), 200).await.unwrap();
    let spans = collected.0.lock().unwrap();
    let find = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let (root, below) = (find("GET /"), find("below"));
    assert_eq!(below.parent_span_id, root.span_context.span_id());
    let exported = format!(
        "{} {} {}",
        root.span_context.trace_id(),
        root.span_context.span_id(),
        below.span_context.span_id()
    );
    assert_eq!(body, exported);
}
