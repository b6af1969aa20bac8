//! How an exchange ended, as its span says it.

use std::convert::Infallible;
use std::future::{pending, ready};
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get as route;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_watch_layers::context::{ContextObserver, RequestContext, TenantPolicy};
use tower_watch_layers::route::Routes;
use tower_watch_layers::trace::TraceConfig;

use crate::harness::{Bench, Broken, Script, Seen, Step, get, send};

/// The status, the error, how it ended, and what was answered.
fn outcome(span: &Seen) -> [Option<&str>; 4] {
    ["otel.status_code", "error.type", "tower_watch.outcome", "http.response.status_code"]
        .map(|field| span.fields.get(field).map(String::as_str))
}

#[tokio::test]
async fn only_the_servers_fault_is_an_error() {
    for (status, expected) in [
        (200, [None, None, None, Some("200")]),
        (302, [None, None, None, Some("302")]),
        (404, [None, None, None, Some("404")]),
        (499, [None, None, None, Some("499")]),
        (500, [Some("ERROR"), Some("500"), None, Some("500")]),
        (503, [Some("ERROR"), Some("503"), None, Some("503")]),
    ] {
        let bench = Bench::new();
        let status = StatusCode::from_u16(status).unwrap();
        let app =
            Router::new().route("/", route(async move || status)).layer(bench.layer(TraceConfig::new()));
        send(&app, get("/")).await;
        assert_eq!(outcome(&bench.only()), expected, "{status}");
    }
}

#[tokio::test]
async fn an_error_that_the_handler_names_is_one() {
    let bench = Bench::new();
    let handler = async |context: RequestContext| context.set_error_type("payment_declined");
    let app = Router::new().route("/", route(handler)).layer(bench.layer(TraceConfig::new()));
    send(&app, get("/")).await;
    assert_eq!(outcome(&bench.only()), [Some("ERROR"), Some("payment_declined"), None, Some("200")]);
}

#[tokio::test]
async fn a_panic_is_one_whoever_catches_it() {
    // Inside.
    let bench = Bench::new();
    let app = Router::new()
        .route("/", route(async || -> () { panic!("as it was told") }))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response.extensions_mut().insert(tower_watch_layers::observe::PanicResponse);
            response
        }))
        .layer(bench.layer(TraceConfig::new()));
    send(&app, get("/")).await;
    assert_eq!(outcome(&bench.only()), [Some("ERROR"), Some("panic"), Some("panic"), Some("500")]);

    // Outside.
    let bench = Bench::new();
    let app = Router::new()
        .route("/", route(async || -> () { panic!("as it was told") }))
        .layer(bench.layer(TraceConfig::new()))
        .layer(CatchPanicLayer::new());
    send(&app, get("/")).await;
    assert_eq!(outcome(&bench.only()), [Some("ERROR"), Some("panic"), Some("panic"), Some("500")]);
}

#[tokio::test]
async fn an_error_of_the_service_is_one() {
    let bench = Bench::new();
    let service = service_fn(|_: Request<Body>| ready(Err::<Response<Body>, _>(Broken)));
    let answer = bench.layer(TraceConfig::new()).layer(service).oneshot(get("/")).await;
    assert!(answer.is_err());
    assert_eq!(outcome(&bench.only()), [Some("ERROR"), Some("service_error"), Some("service_error"), None]);
}

#[tokio::test]
async fn a_body_that_fails_or_panics_is_one() {
    for (step, name) in [(Step::Fail, "body_error"), (Step::Panic, "panic")] {
        let bench = Bench::new();
        let body = Script::new(&bench.hand, [Step::Data("some"), step]);
        let mut body = Some(body);
        let service = service_fn(move |_: Request<Body>| {
            ready(Ok::<_, Infallible>(Response::new(body.take().unwrap())))
        });
        let response = bench.layer(TraceConfig::new()).layer(service).oneshot(get("/")).await.unwrap();
        let read = tokio::spawn(response.into_body().collect()).await;
        assert!(read.is_err() || read.unwrap().is_err());
        assert_eq!(outcome(&bench.only()), [Some("ERROR"), Some(name), Some(name), Some("200")]);
    }
}

#[tokio::test]
async fn a_client_that_goes_away_is_none_and_can_be_seen() {
    // Before the head.
    let bench = Bench::new();
    let service = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
    {
        let mut call = pin!(bench.layer(TraceConfig::new()).layer(service).oneshot(get("/")));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        bench.hand.advance(Duration::from_secs(3));
    }
    let span = bench.only();
    assert_eq!(outcome(&span), [None, None, Some("cancelled"), None]);
    assert_eq!(span.length(), Duration::from_secs(3));

    // In the middle of the body.
    let bench = Bench::new();
    let body = Script::new(&bench.hand, [Step::Data("some"), Step::Data("more")]);
    let mut body = Some(body);
    let service =
        service_fn(move |_: Request<Body>| ready(Ok::<_, Infallible>(Response::new(body.take().unwrap()))));
    let response = bench.layer(TraceConfig::new()).layer(service).oneshot(get("/")).await.unwrap();
    let mut body = response.into_body();
    body.frame().await.unwrap().unwrap();
    assert!(bench.requests()[0].closed.is_none(), "it goes on");
    drop(body);
    let span = bench.only();
    assert_eq!(outcome(&span), [None, None, Some("body_dropped"), Some("200")]);
    assert_eq!(span.get("http.response.body.size"), "4");
}

#[tokio::test]
async fn a_refusal_has_a_span_too() {
    let bench = Bench::new();
    let context = ContextObserver::new().with_tenant(TenantPolicy::default().required());
    let app = Router::new().route("/", route(async || ())).layer(bench.layer_of(
        context,
        TraceConfig::new(),
        Routes::new(),
    ));
    send(&app, get("/")).await;
    let span = bench.only();
    assert_eq!(span.get("tower_watch.outcome"), "refused");
    assert!(!span.has("error.type"));
}
