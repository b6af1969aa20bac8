//! reqwest, through the service that gives it `http` types.

use axum::Router;
use axum::body::Body;
use axum::response::Redirect;
use axum::routing::get;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use tower::{ServiceBuilder, ServiceExt};
use tower_watch::Watch;
use tower_watch::client::ReqwestService;

use crate::outgoing::harness::{CALLER, Marks, TRACEPARENT, asked, assert_one_trace, other_service};
use crate::support::Service;

#[tokio::test]
async fn two_services_are_in_one_trace() {
    let (marks, _guard) = Marks::watch();
    let other = other_service().await;
    let watch = Watch::builder("front").local().start().unwrap();
    let config = watch.client_config().with_trusted_host("127.0.0.1").unwrap();
    let reqwest = ReqwestService::new().unwrap();
    let client = ServiceBuilder::new().layer(watch.client_with(config)).service(reqwest);
    let url = format!("http://{}/seen", other.addr);
    let ask = async move || {
        let response = client.oneshot(Request::get(url).body(String::new()).unwrap()).await.unwrap();
        response.into_body().collect().await.unwrap().to_bytes()
    };
    let front = Router::new().route("/", get(ask)).layer(watch.layer());
    let request = Request::get("/").header("traceparent", TRACEPARENT).header("x-request-id", "abc-123");
    let response = front.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let seen = response.into_body().collect().await.unwrap().to_bytes();
    assert_one_trace(&marks, str::from_utf8(&seen).unwrap(), CALLER);
}

#[tokio::test]
async fn a_url_that_is_none_is_an_error_and_no_panic() {
    let client = ReqwestService::new().unwrap();
    client.oneshot(Request::get("/only/a/path").body(String::new()).unwrap()).await.unwrap_err();
}

#[tokio::test]
async fn a_redirect_to_another_host_is_handed_back() {
    let other = Service::start(asked()).await;
    let away = format!("http://{}/broken", other.addr);
    let app = Router::new()
        .route("/away", get(async move || Redirect::temporary(&away)))
        .route("/here", get(async || Redirect::temporary("/end")))
        .route("/end", get(async || "the end"))
        .route("/round", get(async || Redirect::temporary("/round")));
    let service = Service::start(app).await;
    let client = ReqwestService::new().unwrap();
    let ask = async |path: &str| {
        let url = format!("http://{}{path}", service.addr);
        client.clone().oneshot(Request::get(url).body(String::new()).unwrap()).await
    };
    assert_eq!(ask("/away").await.unwrap().status(), StatusCode::TEMPORARY_REDIRECT);
    let end = ask("/here").await.unwrap().into_body().collect().await.unwrap().to_bytes();
    assert_eq!(end, "the end");
    assert!(ask("/round").await.is_err(), "not for ever");
}
