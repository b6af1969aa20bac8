//! Spans that come from elsewhere: messages of a queue, and parents that the application sets.

use std::collections::HashMap;

use axum::http::StatusCode;
use axum::{Router, routing::get};
use opentelemetry_proto::tonic::trace::v1::Span as Exported;
use tower_watch::Ratio;
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::otlp::OtlpConfig;
use tower_watch::telemetry::otlp::opentelemetry::api::Context;
use tower_watch::telemetry::otlp::opentelemetry::api::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use tower_watch::telemetry::otlp::opentelemetry::tracing::OpenTelemetrySpanExt;
use tower_watch_layers::spans;
use tower_watch_layers::traced::{MessageSpan, RemoteContext, extract};
use tower_watch_layers::w3c::TraceContext;
use tracing::Span;

use crate::receiver::Receiver;
use crate::service::Service;

const SENDER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";
/// Of the flags: whether the parent is somewhere else, and whether that is known.
const REMOTE: u32 = 0x300;
const LOCAL: u32 = 0x100;

fn service(receiver: &Receiver, sampled: Ratio, router: Router) -> Service {
    let config = OtlpConfig::new(receiver.url());
    Service::start(TelemetryBuilder::new().otlp(config), sampled, router)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Trace, span and parent of what was exported.
fn ids(span: &Exported) -> [String; 3] {
    [hex(&span.trace_id), hex(&span.span_id), hex(&span.parent_span_id)]
}

fn message() -> RemoteContext {
    extract(&HashMap::from([("traceparent".to_owned(), SENDER.to_owned())])).unwrap()
}

/// Where a span says that it is.
fn inside(span: &Span) -> TraceContext {
    span.in_scope(|| spans::current().unwrap())
}

fn parent(sampled: bool) -> Context {
    let flags = TraceFlags::default().with_sampled(sampled);
    let (trace, span) = (TraceId::from_hex(TRACE).unwrap(), SpanId::from_hex(PARENT).unwrap());
    let parent = SpanContext::new(trace, span, flags, true, TraceState::default());
    Context::new().with_remote_span_context(parent)
}

#[tokio::test]
async fn a_message_is_below_its_sender_which_is_elsewhere() {
    let receiver = Receiver::start([]).await;
    let router = Router::new().route("/", get(async || drop(message().span("in a request"))));
    let service = service(&receiver, Ratio::ALL, router);
    message().span("received").in_scope(|| tracing::info_span!("worked on").in_scope(|| {}));
    drop(MessageSpan::process("kafka", "orders").continuing(&message()).span());
    service.get("/").await;
    assert!(service.flush().await);
    for name in ["received", "in a request", "process orders"] {
        let span = receiver.span(name);
        let [trace, _, parent] = ids(&span);
        assert_eq!((trace.as_str(), parent.as_str()), (TRACE, PARENT), "{name}");
        assert_eq!(span.flags & REMOTE, REMOTE, "{name}");
    }
    let (received, below) = (receiver.span("received"), receiver.span("worked on"));
    assert_eq!(below.parent_span_id, received.span_id);
    assert_eq!(below.flags & REMOTE, LOCAL);
}

#[tokio::test]
async fn a_link_to_the_sender_is_exported() {
    let receiver = Receiver::start([]).await;
    let service = service(&receiver, Ratio::ALL, Router::new());
    tracing::info_span!("batch").in_scope(|| drop(message().linked_span("one of it")));
    assert!(service.flush().await);
    let (batch, one) = (receiver.span("batch"), receiver.span("one of it"));
    assert_eq!(one.parent_span_id, batch.span_id);
    assert_eq!(one.flags & REMOTE, LOCAL);
    let links: Vec<_> = one.links.iter().map(|link| (hex(&link.trace_id), hex(&link.span_id))).collect();
    assert_eq!(links, [(TRACE.to_owned(), PARENT.to_owned())]);
    assert!(batch.links.is_empty());
}

#[tokio::test]
async fn a_consumer_may_set_the_parent_until_it_enters_its_span() {
    let receiver = Receiver::start([]).await;
    let service = service(&receiver, Ratio::ALL, Router::new());
    let span = tracing::info_span!("consume", tries = tracing::field::Empty);
    span.record("tries", 1);
    span.set_parent(parent(true)).unwrap();
    let noted = inside(&span);
    span.in_scope(|| tracing::info_span!("below").in_scope(|| {}));
    span.set_parent(parent(true)).unwrap_err();
    drop(span);
    assert!(service.flush().await);
    let span = receiver.span("consume");
    assert_eq!(ids(&span), [TRACE.to_owned(), noted.span_id.to_string(), PARENT.to_owned()]);
    assert_eq!(noted.trace_id.to_string(), TRACE, "log lines have the trace of the parent");
    let below = receiver.span("below");
    assert_eq!((below.trace_id, below.parent_span_id), (span.trace_id, span.span_id));
}

#[tokio::test]
async fn what_lies_below_a_parent_that_is_not_sampled_is_not_exported() {
    let receiver = Receiver::start([]).await;
    let service = service(&receiver, Ratio::ALL, Router::new());
    let span = tracing::info_span!("consume");
    span.set_parent(parent(false)).unwrap();
    span.in_scope(|| tracing::info_span!("below").in_scope(|| {}));
    assert!(!inside(&span).sampled);
    drop(span);
    tracing::info_span!("another").in_scope(|| {});
    assert!(service.flush().await);
    let names: Vec<String> = receiver.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["another"]);
}

#[tokio::test]
async fn a_job_has_the_same_ids_in_log_lines_and_exported_however_it_is_begun() {
    let receiver = Receiver::start([]).await;
    let service = service(&receiver, Ratio::ALL, Router::new());
    let entered = tracing::info_span!("entered");
    let asked = tracing::info_span!("asked");
    let parent = tracing::info_span!("a parent");
    asked.context();
    let child = tracing::info_span!(parent: &parent, "child");
    let noted = [&entered, &asked, &parent, &child].map(inside);
    drop((entered, asked, parent, child, tracing::info_span!("never entered")));
    assert!(service.flush().await);
    let names = ["entered", "asked", "a parent", "child"];
    for (name, noted) in names.into_iter().zip(noted) {
        let [trace, span, _] = ids(&receiver.span(name));
        assert_eq!((trace, span), (noted.trace_id.to_string(), noted.span_id.to_string()), "{name}");
    }
    assert_eq!(receiver.span("child").parent_span_id, receiver.span("a parent").span_id);
    assert_eq!(receiver.span("never entered").parent_span_id.len(), 0);
    assert_eq!(receiver.spans().len(), 5);
}

#[tokio::test]
async fn a_message_in_a_request_that_is_kept_is_exported_once_and_in_its_own_trace() {
    let receiver = Receiver::start([]).await;
    let handler = async || {
        message().span("received").in_scope(|| tracing::info_span!("worked on").in_scope(|| {}));
        tracing::info_span!("its own").in_scope(|| {});
        StatusCode::BAD_GATEWAY
    };
    let service = service(&receiver, Ratio::NONE, Router::new().route("/", get(handler)));
    service.get("/").await;
    assert!(service.flush().await);
    let mut names: Vec<String> = receiver.spans().into_iter().map(|span| span.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["GET /", "its own", "received", "worked on"]);
    for name in ["received", "worked on"] {
        assert_eq!(hex(&receiver.span(name).trace_id), TRACE, "{name}");
    }
    assert_eq!(receiver.span("its own").trace_id, receiver.span("GET /").trace_id);
}
