//! What becomes of a problem.

use std::error::Error;
use std::fmt;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;
use tower_watch::problem::Problem;
use tower_watch::{RouterExt, Watch};

use crate::logged::Lines;

#[derive(Debug)]
struct StoreError(std::num::ParseIntError);

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store at 10.1.2.3 is away")
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn away() -> StoreError {
    StoreError("x".parse::<u8>().unwrap_err())
}

async fn ask(app: Router, path: &str) -> (StatusCode, Value, Watch) {
    let watch = Watch::builder("shop").without_admin().start().unwrap();
    let request = Request::get(path).header("x-request-id", "request-1").body(Body::empty()).unwrap();
    let response = app.watched(&watch).oneshot(request).await.unwrap();
    let status = response.status();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap(), watch)
}

async fn load() -> Result<(), Problem> {
    Err(away())?;
    Ok(())
}

#[tokio::test]
async fn an_error_is_a_500_that_tells_its_causes_to_the_log_alone() {
    let (lines, _guard) = Lines::start();
    let (status, body, _) = ask(Router::new().route("/", get(load)), "/").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let expected = json!({
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "the service failed; tell its operators the request id",
        "request_id": "request-1",
    });
    assert_eq!(body, expected);
    let said = lines.take();
    let line = said.iter().find(|line| line.contains("a request failed")).unwrap();
    assert!(line.starts_with("ERROR"), "{line}");
    assert!(line.contains("request_id=\"request-1\"") && line.contains("status=500"), "{line}");
    assert!(line.contains("error!=the store at 10.1.2.3 is away<-invalid digit"), "{line}");
}

#[tokio::test]
async fn a_problem_of_one_s_own_says_what_it_was_told_to_say() {
    let pay = async || -> Result<(), Problem> {
        Err(Problem::new(StatusCode::PAYMENT_REQUIRED)
            .with_type("https://shop.example/problems/declined")
            .with_title("Declined")
            .with_detail("a \"quoted\"\n\u{1} detail \\")
            .with_instance("/payments/7")
            .with_member("balance", 30)
            .with_member("rate", 0.5)
            .with_member("no_number", f64::NAN)
            .with_member("is_final", true)
            .with_member("note", "first")
            .with_member("note", "second")
            .with_member("status", 200)
            .with_error_type("payment_declined")
            .with_cause(away()))
    };
    let (lines, _guard) = Lines::start();
    let (status, body, watch) = ask(Router::new().route("/payments/{id}", get(pay)), "/payments/7").await;
    assert_eq!(status, StatusCode::PAYMENT_REQUIRED);
    let expected = json!({
        "type": "https://shop.example/problems/declined",
        "title": "Declined",
        "status": 402,
        "detail": "a \"quoted\"\n\u{1} detail \\",
        "instance": "/payments/7",
        "request_id": "request-1",
        "balance": 30,
        "rate": 0.5,
        "no_number": null,
        "is_final": true,
        "note": "first",
    });
    assert_eq!(body, expected);
    let line = lines.take().into_iter().find(|line| line.contains("a request has a problem")).unwrap();
    assert!(line.starts_with("DEBUG") && line.contains("10.1.2.3"), "{line}");
    let metrics = watch.registers().render(tower_watch::registers::Format::Text);
    assert!(metrics.contains(r#"error_type="payment_declined""#), "{metrics}");
}

#[tokio::test]
async fn a_deliberate_failure_is_a_warning_and_no_error() {
    let busy = async || Problem::new(StatusCode::SERVICE_UNAVAILABLE).with_detail("busy");
    let (lines, _guard) = Lines::start();
    let (status, body, _) = ask(Router::new().route("/", get(busy)), "/").await;
    assert_eq!((status, &body["detail"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("busy")));
    let said = lines.take();
    assert!(said.iter().any(|line| line.starts_with("WARN") && line.contains("status=503")), "{said:?}");
    assert!(!said.iter().any(|line| line.starts_with("ERROR")), "{said:?}");
}

#[test]
fn what_is_shown_in_the_code_does_not_show_the_cause() {
    // What is logged without any subscriber first could stay off for the other tests.
    let _guard = Lines::start();
    let problem = Problem::of("the password is s3cret").with_error_type("store");
    assert!(!format!("{problem:?} {problem}").contains("s3cret"));
    assert_eq!(Problem::new(StatusCode::OK).status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(problem.into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
}

async fn throw() {
    let error: Box<dyn Error + Send + Sync> = Box::new(away());
    std::panic::resume_unwind(Box::new(error))
}

async fn fall_over() {
    std::panic::resume_unwind(Box::new("fell over"))
}

#[tokio::test]
async fn a_panic_is_logged_with_the_error_that_it_threw() {
    let layer = || tower_http::catch_panic::CatchPanicLayer::custom(tower_watch::AnswerPanic::new());
    let app = Router::new().route("/error", get(throw)).route("/text", get(fall_over)).layer(layer());
    let (lines, _guard) = Lines::start();
    let (status, body, _) = ask(app.clone(), "/error").await;
    assert_eq!((status, &body["request_id"]), (StatusCode::INTERNAL_SERVER_ERROR, &json!("request-1")));
    let line = lines.take().into_iter().find(|line| line.contains("a handler panicked")).unwrap();
    assert!(line.contains("error!=the store at 10.1.2.3 is away<-invalid digit"), "{line}");
    ask(app, "/text").await;
    let line = lines.take().into_iter().find(|line| line.contains("a handler panicked")).unwrap();
    assert!(line.contains("panic=\"fell over\"") && line.contains("error!=fell over"), "{line}");
}

async fn call(app: Router) -> (axum::response::Response, Watch) {
    let watch = Watch::builder("shop").without_admin().start().unwrap();
    let request = Request::post("/shop.Orders/Pay").header("content-type", "application/grpc+proto");
    let response = app.watched(&watch).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    (response, watch)
}

#[track_caller]
fn expect_trailers_only(response: &axum::response::Response, code: &str, message: &str) {
    assert_eq!(response.status(), StatusCode::OK);
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("content-type"), Some("application/grpc"));
    assert_eq!((header("grpc-status"), header("grpc-message")), (Some(code), Some(message)));
    assert!(axum::body::HttpBody::is_end_stream(response.body()), "no body");
}

#[tokio::test]
async fn a_grpc_client_is_told_in_trailers_only() {
    let (_lines, _guard) = Lines::start();
    for (status, code) in
        [(400, "3"), (401, "16"), (404, "5"), (409, "10"), (429, "8"), (500, "13"), (503, "14")]
    {
        let status = StatusCode::from_u16(status).unwrap();
        let pay = move || async move { Problem::new(status).with_detail("100 % no") };
        let (response, _) = call(Router::new().fallback(pay)).await;
        expect_trailers_only(&response, code, "100 %25 no");
    }
    let (response, watch) = call(Router::new().fallback(load)).await;
    expect_trailers_only(&response, "13", "the service failed; tell its operators the request id");
    drop(response);
    let metrics = watch.registers().render(tower_watch::registers::Format::Text);
    assert!(metrics.contains("INTERNAL"), "it counts as what it is: {metrics}");
}

#[tokio::test]
async fn the_layer_answers_a_grpc_client_in_trailers_only() {
    let (_lines, _guard) = Lines::start();
    let broken = async || (StatusCode::BAD_GATEWAY, [("x-kept", "1")], "10.1.2.3 is away");
    let app = Router::new().fallback(broken).layer(tower_watch::problem::ProblemLayer::new());
    let (response, _) = call(app).await;
    expect_trailers_only(&response, "14", "Bad Gateway");
    assert_eq!(response.headers()["x-kept"], "1");
    let length = response.headers().get("content-length");
    assert!(length.is_none_or(|length| length == "0"), "not that of the old body: {length:?}");
}
