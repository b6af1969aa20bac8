//! `/metrics`.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};
use tokio::runtime::Handle;

use crate::http::accept::negotiate;
use crate::http::encoding::encoded;
use crate::registers::{Format, Registers};

/// The route that answers scrapes, for GET and HEAD.
///
/// `Accept` decides between the Prometheus text format (also for `*/*`, for none, and for what cannot be read) and
/// OpenMetrics; with the feature `gzip`, `Accept-Encoding` decides whether the answer is compressed. The answer
/// says in `Vary` what it depends on.
///
/// A scrape costs what [`Registers::render`] costs, on a thread of tokio's for blocking work.
///
/// ```
/// # use axum::Router;
/// use tower_watch::http::metrics_route;
/// # use tower_watch::registers::Registers;
///
/// # let registers = Registers::new();
/// let app: Router = Router::new().route("/metrics", metrics_route(registers));
/// ```
pub fn metrics_route<S>(registers: Registers) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    encoded(get(async move |headers: HeaderMap| answer(registers.clone(), headers).await))
}

async fn answer(registers: Registers, headers: HeaderMap) -> impl IntoResponse {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let format: Format = negotiate(accept);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (header::VARY, HeaderValue::from_static("accept")),
    ];
    (headers, render(registers, format).await)
}

/// Ten thousand series take some 20 ms to write down: not on a thread that serves requests.
async fn render(registers: Registers, format: Format) -> String {
    let elsewhere = {
        let registers = registers.clone();
        match Handle::try_current() {
            Ok(runtime) => runtime.spawn_blocking(move || registers.render(format)).await.ok(),
            Err(_) => None,
        }
    };
    // Without a runtime of tokio's, or with one that is shutting down, it is written down here.
    elsewhere.unwrap_or_else(|| registers.render(format))
}
