//! The trace behind a measurement: set by whoever knows it, shown in OpenMetrics only.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request;
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use tower_watch::layers::observe::{End, Exchange, ObserveLayer, Observer, Start};
use tower_watch::layers::w3c::{TraceContext, TraceId};
use tower_watch::testing::Clock;
use tower_watch::{RequestContext, RouterExt, Watch};

use crate::clients::{ask, get as ask_for};

const HEXADECIMAL: &str = "0af7651916cd43dd8448eb211c80319c";

/// As a tracing layer of the application's own would: inside the watch, at the start.
#[derive(Clone)]
struct SetTraceId;

struct Traced;

impl Observer for SetTraceId {
    type Exchange = Traced;

    fn begin(&self, start: &mut Start<'_>) -> Option<Traced> {
        if start.head().headers.contains_key("traceparent") {
            start.slot().set_trace(TraceContext {
                trace_id: TraceId::from_hex(HEXADECIMAL.as_bytes()).unwrap(),
                ..TraceContext::root(true)
            });
        }
        Some(Traced)
    }
}

impl Exchange for Traced {
    fn end(self, _: &End<'_>) {}
}

/// The same as a middleware of axum's.
async fn set_trace_id(request: Request, next: Next) -> axum::response::Response {
    let context = RequestContext::of(request.extensions()).unwrap();
    if request.headers().contains_key("traceparent") {
        context.slot().set_trace(TraceContext {
            trace_id: TraceId::from_hex(HEXADECIMAL.as_bytes()).unwrap(),
            ..TraceContext::root(true)
        });
    }
    next.run(request).await
}

fn request(path: &str) -> request::Builder {
    Request::get(path).header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
}

async fn show(app: &Router, accept: &str) -> String {
    let request = Request::get("/metrics").header("accept", accept).body(Body::empty()).unwrap();
    ask(app, request).await.1
}

async fn assert_shown(watch: &Watch, app: Router) {
    let app = app.watched(watch);
    ask(&app, request("/traced").body(Body::empty()).unwrap()).await;
    ask_for(&app, "/untraced").await;

    let open = show(&app, "application/openmetrics-text;version=1.0.0").await;
    let with: Vec<_> = open.lines().filter(|line| line.contains(HEXADECIMAL)).collect();
    let [line] = with[..] else { panic!("one bucket of the duration carries the trace: {with:#?}\n{open}") };
    let (sample, exemplar) = line.split_once(" # ").unwrap();
    assert!(sample.starts_with("http_request_duration_seconds_bucket{"), "{line}");
    assert!(sample.contains(r#"endpoint="/traced""#), "{line}");
    let [labels, value, at] = exemplar.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
    assert_eq!(labels, format!("{{trace_id=\"{HEXADECIMAL}\"}}"));
    assert!(value.parse::<f64>().unwrap() >= 0.0 && at.parse::<f64>().unwrap() > 1e9, "{line}");
    assert_eq!(open.lines().filter(|line| line.contains(" # ")).count(), 1, "the other request has no trace");

    let text = show(&app, "text/plain").await;
    assert!(text.contains(r#"http_request_duration_seconds_bucket{endpoint="/traced""#), "{text}");
    assert!(!text.contains(" # ") && !text.contains(HEXADECIMAL), "the text format has no exemplars: {text}");
}

fn app() -> Router {
    Router::new().route("/traced", get(async || "")).route("/untraced", get(async || ""))
}

fn start() -> Watch {
    // The clock stands still, so that the value has one bucket that is certain.
    Watch::builder("traced").clock(Clock::fake().0).local().without_traces().start().unwrap()
}

#[tokio::test]
async fn set_by_an_observer_of_ones_own() {
    assert_shown(&start(), app().layer(ObserveLayer::new(SetTraceId))).await;
}

#[tokio::test]
async fn set_by_a_middleware() {
    assert_shown(&start(), app().layer(from_fn(set_trace_id))).await;
}

#[tokio::test]
async fn set_by_the_handler() {
    let handler = async |context: RequestContext| {
        context.slot().set_trace(TraceContext {
            trace_id: TraceId::from_hex(HEXADECIMAL.as_bytes()).unwrap(),
            ..TraceContext::root(true)
        });
    };
    let app = Router::new().route("/traced", get(handler)).route("/untraced", get(async || ""));
    assert_shown(&start(), app).await;
}

/// With a prefix or another naming, the exemplars go with the duration's name.
#[tokio::test]
async fn kept_under_any_name() {
    use tower_watch::layers::red::Naming;
    for (naming, name) in [
        (Naming::Prometheus, "shop_http_request_duration_seconds_bucket"),
        (Naming::OpenTelemetry, "shop_http_server_request_duration_seconds_bucket"),
        (Naming::AxumPrometheus, "shop_http_requests_duration_seconds_bucket"),
    ] {
        // In this order, too: the prefix is no part of a name that was chosen before.
        let watch = Watch::builder("traced").prefix("shop").naming(naming).local().start().unwrap();
        let app = app().layer(from_fn(set_trace_id)).watched(&watch);
        ask(&app, request("/traced").body(Body::empty()).unwrap()).await;
        let open = show(&app, "application/openmetrics-text").await;
        let line = open.lines().find(|line| line.contains(HEXADECIMAL));
        assert!(line.is_some_and(|line| line.starts_with(name)), "{name}\n{open}");
    }
}
