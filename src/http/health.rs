//! `/health/liveness`.

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};

/// The route that says that the process is alive: 200 and `{"status":"alive"}`, for GET and HEAD, as long as it can
/// answer at all. It asks nothing of anybody, so a broken dependency restarts no pod.
pub fn liveness_route<S>() -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    get(alive)
}

async fn alive() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, r#"{"status":"alive"}"#)
}
