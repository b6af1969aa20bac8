//! The watch's own routes: where they are, and that they are no traffic.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::routing::get;
use tower_watch::{Endpoints, RouterExt, Watch};

use crate::clients::{ask, get as ask_for};

fn start(endpoints: Endpoints) -> Watch {
    Watch::builder("routes").endpoints(endpoints).local().start().unwrap()
}

fn app() -> Router {
    Router::new().route("/", get(async || "hello"))
}

async fn status(app: &Router, method: Method, path: &str) -> StatusCode {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    ask(app, request).await.0.status
}

#[tokio::test]
async fn metrics_and_liveness() {
    let watch = start(Endpoints::new());
    let app = app().watched(&watch);
    ask_for(&app, "/").await;
    let (head, text) = ask_for(&app, "/metrics").await;
    assert_eq!(head.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert!(text.contains("http_requests_total{endpoint=\"/\",method=\"GET\",status=\"200\"} 1\n"), "{text}");
    let (head, body) = ask_for(&app, "/health/liveness").await;
    assert_eq!((head.status, body.as_str()), (StatusCode::OK, r#"{"status":"alive"}"#));
    for path in ["/metrics", "/health/liveness"] {
        let request = Request::head(path).body(Body::empty()).unwrap();
        let (head, body) = ask(&app, request).await;
        assert_eq!((head.status, body.as_str()), (StatusCode::OK, ""), "{path}");
        assert_eq!(status(&app, Method::POST, path).await, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}

/// Wherever they are mounted; with a method that they refuse, too.
#[tokio::test]
async fn never_counted_as_traffic() {
    let watch = start(Endpoints::new());
    let own = || watch.router::<()>();
    let mounted = [
        ("merged inside", "", app().merge(own()).layer(watch.layer())),
        ("merged outside", "", own().merge(app().layer(watch.layer()))),
        ("merged outside, the other way round", "", app().layer(watch.layer()).merge(own())),
        ("watched", "", app().watched(&watch)),
        ("merged inside, watched", "", app().watched(&watch).layer(watch.layer())),
        ("nested inside", "/internal", app().nest("/internal", own()).layer(watch.layer())),
        ("nested as a service", "/internal", app().nest_service("/internal", own()).layer(watch.layer())),
        ("as the fallback", "", app().fallback_service(own()).layer(watch.layer())),
    ];
    for (requests, (how, prefix, app)) in (1..).zip(mounted) {
        for path in ["/metrics", "/health/liveness"] {
            let path = format!("{prefix}{path}");
            assert_eq!(status(&app, Method::GET, &path).await, StatusCode::OK, "{how}: {path}");
            assert_eq!(status(&app, Method::HEAD, &path).await, StatusCode::OK, "{how}: {path}");
            let refused = status(&app, Method::POST, &path).await;
            assert_eq!(refused, StatusCode::METHOD_NOT_ALLOWED, "{how}: {path}");
        }
        assert_eq!(status(&app, Method::GET, "/").await, StatusCode::OK);
        let numbers = watch.snapshot();
        let names = ["http_requests_total", "http_requests_errors_total", "http_requests_aborted_total"];
        assert_eq!(names.map(|name| numbers.counter(name, &[])), [requests, 0, 0], "{how}");
        assert_eq!(numbers.gauge("http_requests_in_flight", &[]), 0.0, "{how}");
        assert_eq!(numbers.histogram("http_response_head_seconds", &[]).count, requests, "{how}");
    }
    let numbers = watch.snapshot();
    let endpoints: Vec<_> =
        numbers.series("http_requests_total").map(|series| series.key.label("endpoint")).collect();
    assert_eq!(endpoints, ["/"]);
}

#[tokio::test]
async fn moved() {
    let watch = start(Endpoints::new().metrics("/internal/numbers").liveness("/livez"));
    let app = app().watched(&watch);
    for path in ["/internal/numbers", "/livez"] {
        assert_eq!(status(&app, Method::GET, path).await, StatusCode::OK, "{path}");
    }
    assert_eq!(watch.snapshot().counter("http_requests_total", &[]), 0);
    // What is elsewhere now is a path like any other.
    for path in ["/metrics", "/health/liveness"] {
        assert_eq!(status(&app, Method::GET, path).await, StatusCode::NOT_FOUND, "{path}");
    }
    let unmatched = [("endpoint", "unmatched"), ("status", "404")];
    assert_eq!(watch.snapshot().counter("http_requests_total", &unmatched), 2);
}

/// A route that is left out leaves its path to the application, which is observed there.
#[tokio::test]
async fn left_out() {
    let watch = start(Endpoints::new().without_metrics().without_liveness());
    let own = Router::new().route("/metrics", get(async || "the application's own"));
    let app = own.fallback(async || (StatusCode::NOT_FOUND, "a fallback of one's own")).watched(&watch);
    assert_eq!(ask_for(&app, "/metrics").await.1, "the application's own");
    assert_eq!(ask_for(&app, "/health/liveness").await.1, "a fallback of one's own");
    let numbers = watch.snapshot();
    assert_eq!(numbers.counter("http_requests_total", &[("endpoint", "/metrics")]), 1);
    assert_eq!(numbers.counter("http_requests_total", &[("endpoint", "unmatched"), ("status", "404")]), 1);
}

/// `watched` takes a router with a state, and one with a fallback.
#[tokio::test]
async fn watched_takes_any_router() {
    let watch = start(Endpoints::new());
    let stateful = Router::new()
        .route("/", get(async |axum::extract::State(state): axum::extract::State<u32>| state.to_string()))
        .fallback(async || "caught");
    let app: Router = stateful.watched(&watch).with_state(7);
    assert_eq!(ask_for(&app, "/").await.1, "7");
    assert_eq!(ask_for(&app, "/nowhere").await.1, "caught");
    assert_eq!(ask_for(&app, "/health/liveness").await.0.status, StatusCode::OK);
    let numbers = watch.snapshot();
    assert_eq!(numbers.counter("http_requests_total", &[("endpoint", "/")]), 1);
    assert_eq!(numbers.counter("http_requests_total", &[("endpoint", "unmatched")]), 1);
}

/// What browsers and crawlers ask for by themselves, and what was excluded, leaves nothing behind.
#[tokio::test]
async fn excluded_paths_leave_nothing() {
    let watch = Watch::builder("routes").exclude("/assets/*").exclude("POST /quiet").local().start().unwrap();
    let app = app().fallback(async || "anything").watched(&watch);
    for path in ["/favicon.ico", "/robots.txt", "/assets/a/b.css"] {
        let (head, _) = ask_for(&app, path).await;
        assert!(!head.headers.contains_key("x-request-id"), "{path}");
    }
    status(&app, Method::POST, "/quiet").await;
    assert!(!watch.snapshot().iter().any(|series| series.key.name().starts_with("http")));
    status(&app, Method::GET, "/quiet").await;
    assert_eq!(watch.snapshot().counter("http_requests_total", &[]), 1);
}
