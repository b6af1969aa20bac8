//! The service that every stack wraps, and the request that it answers.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, Request, Uri, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http_body_util::BodyExt;
use tower::ServiceExt;

/// How many requests a measurement sends before it counts.
pub const WARM_UP: u64 = 1_000;

/// Several users, so that nothing can be remembered by the raw path.
const PATHS: [&str; 4] = ["/users/42", "/users/1337", "/users/271828", "/users/3"];

const HEADERS: [(HeaderName, &str); 6] = [
    (header::HOST, "api.example.com"),
    (header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    (header::ACCEPT, "application/json"),
    (header::ACCEPT_ENCODING, "gzip, deflate, br"),
    (header::ACCEPT_LANGUAGE, "en-GB,en;q=0.5"),
    (HeaderName::from_static("x-tenant-id"), "acme"),
];

/// Parents of which the caller sampled one in ten; by count rather than by chance, so that every run is the same.
static TRACEPARENTS: LazyLock<Vec<HeaderValue>> = LazyLock::new(|| {
    let parent = |number: u64| {
        // Spread over all bits, for samplers that go by the trace id.
        let trace = u128::from(number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        let flags = u8::from(number.is_multiple_of(10));
        HeaderValue::try_from(format!("00-{trace:032x}-{:016x}-{flags:02x}", trace >> 64))
            .expect("hexadecimal")
    };
    (0..100).map(parent).collect()
});

/// A small service: a few routes, a parameter, a JSON body of some 30 bytes.
pub fn router() -> Router {
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/users", get(|| async { "[]" }).post(|| async { "created" }))
        .route("/users/{id}", get(user))
        .route("/users/{id}/orders/{order}", get(|| async { "[]" }))
        .route("/orders", post(|| async { "created" }))
}

async fn user(Path(id): Path<u64>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], format!(r#"{{"id":{id},"name":"Ada Lovelace"}}"#))
}

/// A fresh request of seven headers, as an API client sends it through a traced gateway.
///
/// Its values are shared, as those that hyper parses share its buffer.
fn request(number: u64) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = Uri::from_static(PATHS[number as usize % PATHS.len()]);
    let headers = request.headers_mut();
    headers.reserve(HEADERS.len() + 1);
    headers.extend(HEADERS.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))));
    headers.insert("traceparent", TRACEPARENTS[number as usize % TRACEPARENTS.len()].clone());
    request
}

/// Sends `requests` requests, one after the other, and reads every answer to its end.
///
/// Clones the router for each request, as hyper's adapter for tower services does.
///
/// # Panics
///
/// When an answer is not a success, or its body breaks.
pub async fn drive(router: &Router, requests: u64) {
    for number in 0..requests {
        let response = router.clone().oneshot(request(number)).await.expect("a router cannot fail");
        assert!(response.status().is_success());
        response.into_body().collect().await.expect("a body from memory cannot fail");
    }
}
