//! What is answered without a problem, and the layer that brings it into form.

use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;
use tower_watch::problem::ProblemLayer;
use tower_watch::{RouterExt, Watch};

async fn ask(app: Router, path: &str) -> (Response<()>, String) {
    let watch = Watch::builder("shop").without_admin().start().unwrap();
    let request = Request::get(path).header("x-request-id", "request-1").body(Body::empty()).unwrap();
    let response = app.layer(ProblemLayer::new()).watched(&watch).oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (Response::from_parts(head, ()), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_failure_that_talks_is_silenced_and_a_mute_one_gets_words() {
    let app = Router::new()
        .route("/talks", get(async || (StatusCode::BAD_GATEWAY, [("retry-after", "3")], "10.1.2.3 is away")))
        .route("/mute", get(async || StatusCode::CONFLICT));
    let (response, body) = ask(app.clone(), "/talks").await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["retry-after"], "3");
    assert!(!body.contains("10.1.2.3"), "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["status"], &body["request_id"]), (&json!(502), &json!("request-1")));

    for (path, status) in [("/mute", 409), ("/nowhere", 404)] {
        let (response, body) = ask(app.clone(), path).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((response.status().as_u16(), &body["status"]), (status, &json!(status)));
    }
}

#[tokio::test]
async fn what_has_a_form_keeps_it() {
    let grpc = async || {
        ([("content-type", "application/grpc"), ("grpc-status", "13")], StatusCode::OK).into_response()
    };
    let app = Router::new()
        .route("/ok", get(async || "fine"))
        .route("/said", get(async || (StatusCode::BAD_REQUEST, "the body is no number")))
        .route("/json", get(async || (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"code": 7})))))
        .route("/grpc", get(grpc));
    for (path, status, expected) in [
        ("/ok", 200, "fine"),
        ("/said", 400, "the body is no number"),
        ("/json", 500, r#"{"code":7}"#),
        ("/grpc", 200, ""),
    ] {
        let (response, body) = ask(app.clone(), path).await;
        assert_eq!((response.status().as_u16(), body.as_str()), (status, expected), "{path}");
    }
}
