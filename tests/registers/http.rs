//! `/metrics` over HTTP.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use metrics::{counter, with_local_recorder};
use tower::ServiceExt;
use tower_watch::http::metrics_route;
use tower_watch::registers::{Format, Registers};

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

fn registers() -> Registers {
    let registers = Registers::new();
    with_local_recorder(&registers, || counter!("jobs_total").increment(1));
    registers
}

async fn ask(method: Method, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let app: Router = Router::new().route("/metrics", metrics_route(registers()));
    let mut request = Request::builder().method(method).uri("/metrics");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let (head, body) = app.oneshot(request).await.expect("infallible").into_parts();
    let body = body.collect().await.expect("a whole body").to_bytes();
    (head.status, head.headers, body.to_vec())
}

fn vary(headers: &HeaderMap) -> String {
    let values = headers.get_all(header::VARY).iter().filter_map(|value| value.to_str().ok());
    values.collect::<Vec<_>>().join(",").to_ascii_lowercase()
}

#[tokio::test]
async fn text_unless_openmetrics_is_asked_for() {
    for (accept, format) in [
        (None, Format::Text),
        (Some("*/*"), Format::Text),
        (Some("complete;garbage,,"), Format::Text),
        (Some("application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1"), Format::OpenMetrics),
    ] {
        let headers: Vec<_> = accept.map(|accept| ("accept", accept)).into_iter().collect();
        let (status, headers, body) = ask(Method::GET, &headers).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers[header::CONTENT_TYPE], format.content_type());
        assert_eq!(String::from_utf8(body).expect("text"), registers().render(format));
        assert!(vary(&headers).split(',').any(|name| name.trim() == "accept"), "{headers:?}");
    }
}

#[tokio::test]
async fn an_accept_header_that_is_no_text_is_passed_over() {
    let app: Router = Router::new().route("/metrics", metrics_route(registers()));
    let request = Request::get("/metrics").header("accept", &b"\xff\xfe"[..]).header("accept", OPENMETRICS);
    let response = app.oneshot(request.body(Body::empty()).expect("a request")).await.expect("infallible");
    assert_eq!(response.headers()[header::CONTENT_TYPE], OPENMETRICS);
}

#[tokio::test]
async fn head_answers_without_a_body_and_others_are_refused() {
    let (status, headers, body) = ask(Method::HEAD, &[]).await;
    assert_eq!((status, body.len()), (StatusCode::OK, 0));
    assert_eq!(headers[header::CONTENT_TYPE], TEXT);
    assert_eq!(ask(Method::POST, &[]).await.0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn each_scrape_reads_anew() {
    let registers = registers();
    let app: Router = Router::new().route("/metrics", metrics_route(registers.clone()));
    for count in 2..4 {
        with_local_recorder(&registers, || counter!("jobs_total").increment(1));
        let request = Request::get("/metrics").body(Body::empty()).expect("a request");
        let response = app.clone().oneshot(request).await.expect("infallible");
        let body = response.into_body().collect().await.expect("a whole body").to_bytes();
        let text = String::from_utf8_lossy(&body).into_owned();
        assert!(text.contains(&format!("jobs_total {count}\n")), "{text}");
    }
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn gzip_when_it_is_asked_for() {
    let (_, headers, body) = ask(Method::GET, &[("accept-encoding", "gzip")]).await;
    assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
    assert_eq!(headers[header::CONTENT_TYPE], TEXT);
    assert_eq!(body[..2], [0x1f, 0x8b]);
    assert!(vary(&headers).contains("accept-encoding"), "{headers:?}");
    for accept in ["identity", "br", "gzip;q=0, identity"] {
        let (status, headers, body) = ask(Method::GET, &[("accept-encoding", accept)]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers.get(header::CONTENT_ENCODING), None);
        assert!(body.starts_with(b"# HELP"));
    }
}

#[cfg(not(feature = "gzip"))]
#[tokio::test]
async fn no_gzip_without_the_feature() {
    let (_, headers, body) = ask(Method::GET, &[("accept-encoding", "gzip")]).await;
    assert_eq!(headers.get(header::CONTENT_ENCODING), None);
    assert!(body.starts_with(b"# HELP"));
}

/// When all that blocks is stuck, somebody will want to see the numbers.
#[test]
fn a_scrape_needs_no_thread_for_blocking_work() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build();
    let runtime = runtime.expect("a runtime");
    let (release, stuck) = std::sync::mpsc::channel::<()>();
    runtime.block_on(async {
        tokio::task::spawn_blocking(move || stuck.recv());
        let scrape = tokio::time::timeout(std::time::Duration::from_secs(20), ask(Method::GET, &[]));
        assert_eq!(scrape.await.map(|(status, ..)| status), Ok(StatusCode::OK));
    });
    drop(release);
}
