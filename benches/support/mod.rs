//! What every benchmark here observes: a small service, and a request as an API client sends it.
//!
//! The router clones itself for each request, as hyper's adapter for tower services has it, the request is made
//! anew, and the answer is read to its end. Nothing in it waits, so no runtime is needed, and none is measured.

#![allow(dead_code, reason = "each benchmark takes what it needs")]

mod telemetry;

use std::convert::Infallible;
use std::sync::LazyLock;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::get;
use futures_util::FutureExt;
use http::{HeaderName, HeaderValue, Request, Uri, header};
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower::layer::util::Identity;
use tower_watch::layers::trace::{TraceConfig, TraceLayer};
use tower_watch::{ContextLayer, RedLayer, TenantPolicy, Watch};

/// Seven, as in `benches/peers`. With six the map would be full, and whoever adds a request id would pay some 900
/// instructions for its growth.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::HOST, "api.example.com"),
    (header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    (header::ACCEPT, "application/json"),
    (header::ACCEPT_ENCODING, "gzip, deflate, br"),
    (header::ACCEPT_LANGUAGE, "en-GB,en;q=0.5"),
    (HeaderName::from_static("x-tenant-id"), "acme"),
];

/// The seventh: callers that did not sample the request, and that did.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const UNSAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// How many frames the answer to `/stream` has.
pub(crate) const FRAMES: usize = 16;

/// Puts a stack around a router.
pub(crate) type Wrap = fn(Router) -> Router;

/// The stacks, each with what comes around the router.
pub(crate) const STACKS: [(&str, Wrap); 9] = [
    ("bare", |app| app),
    // What `Router::layer` alone costs: axum boxes the service and the body again.
    ("nothing", |app| app.layer(Identity::new())),
    ("context", |app| app.layer(ContextLayer::default())),
    ("red", red),
    ("trace", trace),
    ("trace-sampled", trace),
    ("opentelemetry", opentelemetry),
    ("watch", watch),
    ("preset", preset),
];

/// RED alone records into the recorder of the process, so there must be one.
fn red(app: Router) -> Router {
    LazyLock::force(&WATCH);
    app.layer(RedLayer::default())
}

/// Traces alone, into a registry with OpenTelemetry's layer.
fn trace(app: Router) -> Router {
    telemetry::install();
    app.layer(TraceLayer::default())
}

/// A span for each request where tracing-opentelemetry sees each one, sampled or not.
fn opentelemetry(app: Router) -> Router {
    telemetry::install_opentelemetry_alone();
    app.layer(TraceLayer::new(TraceConfig::new().with_unsampled_spans(true)))
}

fn watch(app: Router) -> Router {
    telemetry::install();
    app.layer(WATCH.layer())
}

fn preset(app: Router) -> Router {
    telemetry::install();
    app.layer(WATCH.service_builder())
}

/// Whether the caller of a request sampled it: of one in ten, but in the stacks that are named for the other two.
pub(crate) fn is_sampled(stack: &str, number: u64) -> bool {
    match stack {
        "trace" | "opentelemetry" => false,
        "trace-sampled" => true,
        _ => number.is_multiple_of(10),
    }
}

/// Request ids, tenants, traces and RED.
pub(crate) static WATCH: LazyLock<Watch> = LazyLock::new(|| {
    Watch::builder("bench")
        .tenant(TenantPolicy::default())
        .without_access_log()
        .start()
        .expect("a valid configuration")
});

/// `GET /users/{id}` and `/stream`, inside of what `wrap` puts around them.
pub(crate) fn service(wrap: Wrap) -> Router {
    settled(wrap(Router::new().route("/users/{id}", get(user)).route("/stream", get(stream))))
}

/// A router as `axum::serve` uses it. Without its state it would build the layers anew for each request.
pub(crate) fn settled(router: Router) -> Router {
    router.with_state(())
}

/// Some 30 bytes of JSON.
pub(crate) async fn user(Path(id): Path<u64>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], format!(r#"{{"id":{id},"name":"Ada Lovelace"}}"#))
}

/// A body of [`FRAMES`] frames whose length nobody knows before.
async fn stream() -> Body {
    let frames = (0..FRAMES).map(|_| Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 64])));
    Body::from_stream(futures_util::stream::iter(frames))
}

/// A fresh request. Its values are shared, as those that hyper parses share its buffer.
pub(crate) fn request(uri: Uri, is_sampled: bool) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.reserve(HEADERS.len() + 1);
    headers.extend(HEADERS.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))));
    let caller = if is_sampled { SAMPLED } else { UNSAMPLED };
    headers.insert(TRACEPARENT, HeaderValue::from_static(caller));
    request
}

/// Sends a request, and reads the answer to its end.
pub(crate) fn drive(router: &Router, request: Request<Body>) {
    let answer = async {
        let response = router.clone().oneshot(request).await.expect("a router cannot fail");
        assert!(response.status().is_success());
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            frame.expect("a body from memory cannot fail");
        }
    };
    answer.now_or_never().expect("nothing here waits");
}
