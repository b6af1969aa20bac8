//! `/metrics`.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};

use crate::http::accept::negotiate;
use crate::http::encoding::encoded;
use crate::registers::{Format, Registers};

/// The route that answers scrapes, for GET and HEAD.
///
/// `Accept` decides between the Prometheus text format (also for `*/*`, for none, and for what cannot be read) and
/// OpenMetrics; with the feature `gzip`, `Accept-Encoding` decides whether the answer is compressed. The answer
/// says in `Vary` what it depends on.
///
/// A scrape costs what [`Registers::render`] costs, on the task that serves it.
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
    encoded(get(async move |headers: HeaderMap| answer(&registers, &headers)))
}

fn answer(registers: &Registers, headers: &HeaderMap) -> impl IntoResponse + use<> {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let format: Format = negotiate(accept);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (header::VARY, HeaderValue::from_static("accept")),
    ];
    (headers, registers.render(format))
}
