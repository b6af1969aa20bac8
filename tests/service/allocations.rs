//! What observing allocates, over a bare router. `cargo test --test service allocations -- --nocapture` shows it.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, Request, Uri, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tower::Service;
use tower_watch::layers::SharedRecorder;
use tower_watch::layers::context::{ContextObserver, TenantPolicy};
use tower_watch::layers::observe::{End, Exchange, ObserveLayer, Observer, Settings, Start};
use tower_watch::layers::red::{RedConfig, TenantMetrics};
use tower_watch::layers::spans::SpanLayer;
use tower_watch::layers::trace::{TraceConfig, TraceLayer};
use tower_watch::registers::Registers;
use tower_watch::{ContextLayer, RedLayer, Watch};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

const HEADERS: [(HeaderName, &str); 7] = [
    (header::HOST, "api.example.com"),
    (header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    (header::ACCEPT, "application/json"),
    (header::ACCEPT_ENCODING, "gzip, deflate, br"),
    (header::ACCEPT_LANGUAGE, "en-GB,en;q=0.5"),
    (HeaderName::from_static("x-tenant-id"), "acme"),
    // A caller that did not sample the request.
    (HeaderName::from_static("traceparent"), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"),
];

/// As hyper makes it: the values share a buffer, the map has room.
fn request() -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = Uri::from_static("/users/42");
    let headers = request.headers_mut();
    headers.reserve(16);
    headers.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    request
}

fn app() -> Router {
    let user = async |Path(id): Path<u64>| {
        ([(header::CONTENT_TYPE, "application/json")], format!(r#"{{"id":{id},"name":"Ada Lovelace"}}"#))
            .into_response()
    };
    Router::new().route("/", get(async || "hello")).route("/users/{id}", get(user))
}

/// Answers one request to the end of its body.
fn serve(app: &mut Router, request: Request<Body>) {
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(response)) = pin!(app.call(request)).poll(&mut context) else { panic!("it waits") };
    assert!(response.status().is_success());
    let mut body = pin!(response.into_body());
    while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut context) {
        frame.unwrap();
    }
}

/// Allocations per request. Every request costs the same once all has been met.
fn allocations(app: Router) -> u64 {
    const REQUESTS: u64 = 100;
    // As `axum::serve` does. A router without it makes its endpoints, and with them the layers, for each request.
    let mut app = app.with_state(());
    for _ in 0..REQUESTS {
        serve(&mut app, request());
    }
    let mut each = (0..REQUESTS).map(|_| {
        let request = request();
        allocation_counter::measure(|| serve(&mut app, request)).count_total
    });
    let first = each.next().unwrap();
    assert!(each.all(|count| count == first), "not each request costs the same");
    first
}

/// Sees each exchange, and does nothing.
#[derive(Clone)]
struct Idle;

impl Observer for Idle {
    type Exchange = Self;

    fn begin(&self, _: &mut Start<'_>) -> Option<Self> {
        Some(Self)
    }
}

impl Exchange for Idle {
    fn end(self, _: &End<'_>) {}
}

fn settings() -> Settings {
    Settings::new().with_recorder(SharedRecorder::new(Registers::new()))
}

#[test]
fn per_request() {
    let subscriber = Registry::default().with(SpanLayer::new());
    let _entered = tracing::subscriber::set_default(subscriber);
    let bare = allocations(app());
    let over = |app: Router| {
        let counted = allocations(app);
        counted.checked_sub(bare).expect("a layer allocates nothing less")
    };
    let tenant = || ContextObserver::new().with_tenant(TenantPolicy::default());
    let watch = |tenant_metrics: Option<TenantMetrics>| {
        let builder =
            Watch::builder("allocations").tenant(TenantPolicy::default()).without_access_log().local();
        let builder = match tenant_metrics {
            Some(metrics) => builder.tenant_metrics(metrics),
            None => builder,
        };
        builder.start().unwrap()
    };
    let identity = over(app().layer(tower::layer::util::Identity::new()));
    let idle = over(app().layer(ObserveLayer::new(Idle)));
    let context = over(app().layer(ContextLayer::with_settings(tenant(), settings())));
    let red = over(app().layer(RedLayer::with_settings(&RedConfig::new(), settings())));
    let trace = over(app().layer(TraceLayer::with_settings(TraceConfig::new(), settings())));
    let preset = over(app().layer(watch(None).layer()));
    let with_tenants = over(app().layer(watch(Some(TenantMetrics::new())).layer()));
    let stack = over(app().layer(watch(None).service_builder()));
    let table = [
        (identity, "a layer that does nothing: Router::layer itself"),
        (idle, "Observe with an observer that does nothing"),
        (context, "ContextLayer, id made, tenant from a header"),
        (red, "RedLayer"),
        (trace, "TraceLayer, not sampled, into a registry"),
        (preset, "the preset: watch.layer()"),
        (with_tenants, "the preset with tenant metrics"),
        (stack, "the preset's stack, with what catches panics: watch.service_builder()"),
    ];
    eprintln!("allocations per request over the {bare} of a bare router:");
    for (allocations, what) in table {
        eprintln!("{allocations:3} {what}");
    }
    assert!(trace <= idle + 1, "{trace} allocations, {idle} of them for being observed");
    assert!(preset <= 10, "{preset} allocations");
    assert!(with_tenants <= 10, "{with_tenants} allocations");
}
