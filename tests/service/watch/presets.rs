//! The stacks of the presets, from the outside in: sensitive headers, the watch, panics.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde_json::Value;
use tower::util::MapRequestLayer;
use tower_watch::{Preset, RequestContext, RouterExt, Watch};

use crate::clients::{ask, get as ask_for};

const PRESETS: [Preset; 3] = [Preset::Development, Preset::Production, Preset::Fleet];

fn start(preset: Preset) -> Watch {
    Watch::builder("preset").preset(preset).local().start().unwrap()
}

async fn panics() -> &'static str {
    panic!("the secret of the handler")
}

fn app() -> Router {
    let cookie = async || ([("set-cookie", "session=secret")], "hello");
    let headers = async |headers: HeaderMap| format!("{headers:?}");
    Router::new()
        .route("/panic", get(panics))
        .route("/shop.Orders/Create", post(panics))
        .route("/cookie", get(cookie))
        .route("/headers", get(headers))
}

#[tokio::test]
async fn a_panic_is_answered_as_a_problem_with_the_request_id() {
    for preset in PRESETS {
        let watch = start(preset);
        let (head, body) = ask_for(&app().watched(&watch), "/panic").await;
        assert_eq!(head.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(head.headers["content-type"], "application/problem+json");
        assert_eq!(head.headers["content-length"], body.len().to_string());
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(problem["status"], 500);
        assert_eq!(problem["title"], "Internal Server Error");
        assert_eq!(problem["request_id"], head.headers["x-request-id"].to_str().unwrap());
        let says = body.contains("the secret of the handler");
        assert_eq!(says, preset == Preset::Development, "{preset:?}: {body}");

        let numbers = watch.snapshot();
        let labels = [("method", "GET"), ("endpoint", "/panic")];
        let [method, endpoint] = labels;
        assert_eq!(numbers.counter("http_requests_total", &[method, endpoint, ("status", "500")]), 1);
        assert_eq!(
            numbers.counter("http_requests_errors_total", &[method, endpoint, ("error_type", "panic")]),
            1
        );
        assert_eq!(numbers.counter("http_requests_errors_total", &[]), 1);
        assert_eq!(numbers.counter("http_requests_aborted_total", &[]), 0, "the client has a whole answer");
        assert_eq!(numbers.gauge("http_requests_in_flight", &labels), 0.0);
    }
}

#[tokio::test]
async fn a_panic_in_grpc_is_answered_in_a_head_alone() {
    for preset in PRESETS {
        let watch = start(preset);
        let request = Request::post("/shop.Orders/Create").header("content-type", "application/grpc+proto");
        let (head, body) = ask(&app().watched(&watch), request.body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, body.as_str()), (StatusCode::OK, ""));
        assert_eq!(head.headers["content-type"], "application/grpc");
        assert_eq!(head.headers["grpc-status"], "13");
        let message = head.headers["grpc-message"].to_str().unwrap();
        assert_eq!(message.contains("secret"), preset == Preset::Development, "{preset:?}: {message}");
        assert!(head.headers.contains_key("x-request-id"));
        let numbers = watch.snapshot();
        let labels = [("endpoint", "/shop.Orders/Create"), ("status", "200"), ("grpc_status", "13")];
        assert_eq!(numbers.counter("http_requests_total", &labels), 1);
        assert_eq!(numbers.counter("http_requests_errors_total", &[("error_type", "panic")]), 1);
    }
}

#[tokio::test]
async fn credentials_are_marked_on_the_way_in_and_out() {
    for preset in PRESETS {
        let app = app().watched(&start(preset));
        let request = Request::get("/headers")
            .header("authorization", "Bearer hunter2")
            .header("proxy-authorization", "Basic hunter2")
            .header("cookie", "session=hunter2")
            .header("accept", "text/plain");
        let (_, seen) = ask(&app, request.body(Body::empty()).unwrap()).await;
        assert_eq!(seen.matches("Sensitive").count(), 3, "{seen}");
        assert!(!seen.contains("hunter2") && seen.contains("text/plain"), "{seen}");
        let (head, _) = ask_for(&app, "/cookie").await;
        assert!(head.headers["set-cookie"].is_sensitive());
        assert_eq!(head.headers["set-cookie"], "session=secret", "marked, and not changed");
    }
}

/// The observer is outside of what catches panics (so the answer has the id), and inside of what marks headers; what
/// is added to the stack is inside of all.
#[tokio::test]
async fn what_is_added_to_the_stack_goes_inside() {
    for preset in PRESETS {
        let watch = start(preset);
        let look = MapRequestLayer::new(|request: Request<Body>| -> Request<Body> {
            let context = RequestContext::current().unwrap();
            let of_request = RequestContext::of(request.extensions()).unwrap();
            assert_eq!(context.request_id(), of_request.request_id());
            let id = request.headers()["x-request-id"].clone();
            assert_eq!(context.request_id().unwrap().to_header(), id);
            assert_eq!(context.endpoint(), "/cookie");
            assert!(request.headers()["cookie"].is_sensitive());
            panic!("and a panic in here is caught");
        });
        let app = app().layer(watch.service_builder().layer(look));
        let request = Request::get("/cookie").header("cookie", "a=b").body(Body::empty()).unwrap();
        let (head, body) = ask(&app, request).await;
        assert_eq!(head.status, StatusCode::INTERNAL_SERVER_ERROR);
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(problem["request_id"], head.headers["x-request-id"].to_str().unwrap());
        if preset == Preset::Development {
            assert!(body.contains("and a panic in here is caught"), "an assertion failed instead: {body}");
        }
    }
}

/// In development everybody's id is adopted; elsewhere that of private networks.
#[tokio::test]
async fn whose_request_id_is_adopted() {
    let adopted = async |preset, peer: Option<&str>| {
        let app = app().watched(&start(preset));
        let app = match peer {
            Some(peer) => app.layer(Extension(ConnectInfo::<SocketAddr>(peer.parse().unwrap()))),
            None => app,
        };
        let request = Request::get("/cookie").header("x-request-id", "from-the-balancer");
        let (head, _) = ask(&app, request.body(Body::empty()).unwrap()).await;
        head.headers["x-request-id"] == "from-the-balancer"
    };
    for (peer, elsewhere) in [
        (None, false),
        (Some("127.0.0.1:4000"), true),
        (Some("10.9.8.7:4000"), true),
        (Some("[::ffff:192.168.1.1]:4000"), true),
        (Some("[fd00::1]:4000"), true),
        (Some("203.0.113.7:4000"), false),
        (Some("[2001:db8::1]:4000"), false),
    ] {
        assert!(adopted(Preset::Development, peer).await, "{peer:?}");
        assert_eq!(adopted(Preset::Production, peer).await, elsewhere, "{peer:?}");
        assert_eq!(adopted(Preset::Fleet, peer).await, elsewhere, "{peer:?}");
    }
}
