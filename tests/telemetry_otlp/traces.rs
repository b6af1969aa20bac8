//! Which spans are exported, with which ids.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use axum::{Router, routing::get};
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::otlp::OtlpConfig;
use tower_watch::telemetry::otlp::opentelemetry::api::trace::TraceContextExt;
use tower_watch::telemetry::otlp::opentelemetry::tracing::OpenTelemetrySpanExt;
use tower_watch::{Ratio, RequestContext};
use tower_watch_layers::spans;
use tower_watch_layers::w3c::{TraceContext, format_traceparent};
use tracing::Instrument;

use crate::receiver::{Receiver, attribute};
use crate::service::Service;

const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn traced(receiver: &Receiver, sampled: Ratio, router: Router) -> Service {
    let config = OtlpConfig::new(receiver.url());
    Service::start(TelemetryBuilder::new().otlp(config), sampled, router)
}

fn called(path: &str, traceparent: &str) -> Request<Body> {
    Request::get(path).header("traceparent", traceparent).body(Body::empty()).unwrap()
}

/// Where the thread was when it was asked.
type Noted = Arc<Mutex<Vec<TraceContext>>>;

fn note(noted: &Noted) {
    noted.lock().unwrap().push(spans::current().unwrap());
}

#[tokio::test]
async fn ids_that_a_log_line_has_are_those_that_are_exported() {
    let receiver = Receiver::start([]).await;
    let noted = Noted::default();
    let notes = Arc::clone(&noted);
    let router = Router::new().route(
        "/users/{id}",
        get(async move || {
            note(&notes);
            async { note(&notes) }.instrument(tracing::info_span!("query", rows = 3)).await;
            tracing::info!(target: "tower_watch::access", "never an event");
            tracing::info!("an event");
        }),
    );
    let service = traced(&receiver, Ratio::NONE, router);
    service.send(called("/users/7", CALLER)).await;
    assert!(service.flush().await);
    let (request, query) = (receiver.span("GET /users/{id}"), receiver.span("query"));
    let noted = noted.lock().unwrap();
    let ids =
        |context: &TraceContext| (context.trace_id.to_bytes().to_vec(), context.span_id.to_bytes().to_vec());
    assert_eq!((request.trace_id.clone(), request.span_id.clone()), ids(&noted[0]));
    assert_eq!((query.trace_id.clone(), query.span_id.clone()), ids(&noted[1]));
    assert_eq!(noted[0].trace_id.to_string(), CALLER[3..35]);
    assert_eq!(request.parent_span_id, noted[0].parent.unwrap().to_bytes());
    assert_eq!(query.parent_span_id, request.span_id);
    assert_eq!(attribute(&query, "rows").as_deref(), Some("3"));
    assert_eq!(request.kind, 2, "a server's");
    // The third and second lowest bit but eight: whether the parent is somewhere else, and whether that is known.
    assert_eq!((request.flags & 0x300, query.flags & 0x300), (0x300, 0x100));
    let events: Vec<&str> = request.events.iter().map(|event| &*event.name).collect();
    assert_eq!(events, ["an event"]);
}

#[tokio::test]
async fn what_lies_below_an_unsampled_request_is_no_root() {
    let receiver = Receiver::start([]).await;
    let router = Router::new().route(
        "/",
        get(async || {
            let child = tracing::info_span!("child");
            let dispatch = tracing::dispatcher::get_default(Clone::clone);
            let carried = child.clone();
            std::thread::spawn(move || {
                tracing::dispatcher::with_default(&dispatch, || {
                    carried.in_scope(|| tracing::info_span!("on another thread").in_scope(|| {}));
                    // Nothing on this thread says that it belongs to the request.
                    tracing::info_span!(parent: &carried, "explicit").in_scope(|| {
                        tracing::info_span!("below explicit").in_scope(|| {});
                    });
                });
            })
            .join()
            .unwrap();
            tokio::spawn(async {}.instrument(tracing::info_span!(parent: &child, "in a task")))
                .await
                .unwrap();
        }),
    );
    let service = traced(&receiver, Ratio::NONE, router);
    service.get("/").await;
    assert!(service.flush().await);
    let names: Vec<String> = receiver.spans().into_iter().map(|span| span.name).collect();
    assert!(names.is_empty(), "{names:?}");
    // It is not that nothing is exported at all.
    service.send(called("/", CALLER)).await;
    assert!(service.flush().await);
    let spans = receiver.spans();
    assert_eq!(spans.len(), 6, "{:?}", spans.iter().map(|span| &span.name).collect::<Vec<_>>());
    assert!(spans.iter().all(|span| span.trace_id == receiver.span("GET /").trace_id));
    assert_eq!(receiver.span("explicit").parent_span_id, receiver.span("child").span_id);
    assert_eq!(receiver.span("below explicit").parent_span_id, receiver.span("explicit").span_id);
}

#[tokio::test]
async fn a_task_that_carries_only_the_context_goes_on_in_the_trace() {
    let receiver = Receiver::start([]).await;
    let router = Router::new().route(
        "/",
        get(async |context: RequestContext| {
            use tower_watch::ContextExt as _;
            let _ = context;
            tokio::spawn(async { tracing::info_span!("later").in_scope(|| {}) }.in_context()).await.unwrap();
        }),
    );
    let service = traced(&receiver, Ratio::ALL, router);
    service.get("/").await;
    assert!(service.flush().await);
    assert_eq!(receiver.span("later").parent_span_id, receiver.span("GET /").span_id);
    assert_eq!(receiver.span("later").trace_id, receiver.span("GET /").trace_id);
}

#[tokio::test]
async fn the_span_extension_of_tracing_opentelemetry_works_in_a_handler() {
    let receiver = Receiver::start([]).await;
    let router = Router::new().route(
        "/",
        get(async || {
            let span = tracing::Span::current();
            span.set_attribute("cart.size", 3);
            let context = span.context();
            context.span().span_context().span_id().to_string()
        }),
    );
    let service = traced(&receiver, Ratio::ALL, router);
    let answer = service.get("/").await;
    let body = axum::body::to_bytes(answer.into_body(), 100).await.unwrap();
    assert!(service.flush().await);
    let span = receiver.span("GET /");
    assert_eq!(attribute(&span, "cart.size").as_deref(), Some("3"));
    let hex: String = span.span_id.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(body, hex);
}

#[tokio::test]
async fn two_services_and_a_client_are_one_trace() {
    let receiver = Receiver::start([]).await;
    let config = || OtlpConfig::new(receiver.url());
    let stock = Service::simple(config());
    let stock = Arc::new(tokio::sync::Mutex::new(stock));
    let calls = Arc::clone(&stock);
    let router = Router::new().route(
        "/orders",
        get(async move || {
            let here = spans::current().unwrap();
            let traceparent = String::from_utf8(format_traceparent(&here).to_vec()).unwrap();
            calls.lock().await.send(called("/", &traceparent)).await;
        }),
    );
    let orders = traced(&receiver, Ratio::NONE, router);
    orders.send(called("/orders", CALLER)).await;
    assert!(orders.flush().await && stock.lock().await.flush().await);
    let (orders, stock) = (receiver.span("GET /orders"), receiver.span("GET /"));
    assert_eq!(orders.trace_id, stock.trace_id);
    assert_eq!(stock.parent_span_id, orders.span_id);
}

#[tokio::test]
async fn values_of_a_megabyte_are_cut() {
    let receiver = Receiver::start([]).await;
    let router = Router::new().route(
        "/",
        get(async || {
            tracing::Span::current().set_attribute("long", "ä".repeat(500_000));
        }),
    );
    let service = traced(&receiver, Ratio::ALL, router);
    service.get("/").await;
    assert!(service.flush().await);
    let value = attribute(&receiver.span("GET /"), "long").unwrap();
    assert_eq!(value.chars().count(), 4_096);
}
