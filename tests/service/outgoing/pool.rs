//! hyper-util's pool.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::{ServiceBuilder, ServiceExt};
use tower_watch::Watch;

use crate::outgoing::harness::{CALLER, Marks, TRACEPARENT, assert_one_trace, other_service};

#[tokio::test]
async fn two_services_are_in_one_trace() {
    let (marks, _guard) = Marks::watch();
    let other = other_service().await;
    let watch = Watch::builder("front").local().start().unwrap();
    let config = watch.client_config().with_trusted_host("127.0.0.1").unwrap();
    let pool = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let client = ServiceBuilder::new().layer(watch.client_with(config)).service(pool);
    let url = format!("http://{}/seen", other.addr);
    let ask = async move || {
        let request = Request::get(url).body(Body::empty()).unwrap();
        let response = client.oneshot(request).await.unwrap();
        response.into_body().collect().await.unwrap().to_bytes()
    };
    let front = Router::new().route("/", get(ask)).layer(watch.layer());
    let request = Request::get("/").header("traceparent", TRACEPARENT).header("x-request-id", "abc-123");
    let response = front.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let seen = response.into_body().collect().await.unwrap().to_bytes();
    assert_one_trace(&marks, str::from_utf8(&seen).unwrap(), CALLER);

    let host = other.addr.to_string();
    let labels = [("method", "GET"), ("host", &*host), ("status", "200")];
    let numbers = watch.snapshot();
    assert_eq!(numbers.counter("http_client_requests_total", &labels), 1);
    assert_eq!(numbers.gauge("http_client_requests_in_flight", &[]), 0.0);
    assert_eq!(numbers.counter("http_requests_total", &[]), 1, "what went out is not what came in");
}

#[tokio::test]
async fn nobody_there_is_an_error_of_that_host() {
    let watch = Watch::builder("front").local().start().unwrap();
    let pool = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let client = ServiceBuilder::new().layer(watch.client()).service(pool);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let request = Request::get(format!("http://{free}/")).body(Body::empty()).unwrap();
    client.oneshot(request).await.unwrap_err();
    let host = free.to_string();
    let (host, numbers) = (("host", &*host), watch.snapshot());
    assert_eq!(numbers.counter("http_client_requests_total", &[host, ("status", "none")]), 1);
    let error = ("error_type", "service_error");
    assert_eq!(numbers.counter("http_client_requests_errors_total", &[host, error]), 1);
}
