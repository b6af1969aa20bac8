//! `/metrics`.

use std::sync::Arc;
use std::thread;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};
use tokio::sync::{Semaphore, oneshot};

use crate::http::accept::negotiate;
use crate::http::encoding::encoded;
use crate::registers::{Format, Registers};

/// The route that answers scrapes, for GET and HEAD.
///
/// `Accept` decides between the Prometheus text format (also for `*/*`, for none, and for what cannot be read) and
/// OpenMetrics; with the feature `gzip`, `Accept-Encoding` decides whether the answer is compressed. The answer
/// says in `Vary` what it depends on.
///
/// A scrape costs what [`Registers::render`] costs, on a thread of its own: it needs no place among tokio's threads for
/// blocking work, which may all be stuck when the numbers are wanted most. One is written at a time.
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
    let turn = Arc::new(Semaphore::new(1));
    encoded(get(async move |headers: HeaderMap| answer(registers.clone(), Arc::clone(&turn), headers).await))
}

async fn answer(registers: Registers, turn: Arc<Semaphore>, headers: HeaderMap) -> impl IntoResponse {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let format: Format = negotiate(accept);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (header::VARY, HeaderValue::from_static("accept")),
    ];
    (headers, render(registers, turn, format).await)
}

/// Ten thousand series take some 20 ms to write down: not on a thread that serves requests.
async fn render(registers: Registers, turn: Arc<Semaphore>, format: Format) -> String {
    let turn = turn.acquire_owned().await;
    let (page, written) = oneshot::channel();
    let elsewhere = {
        let registers = registers.clone();
        thread::Builder::new().name("tower-watch-metrics".into()).spawn(move || {
            // A scraper that went away wants no page. The turn ends with the writing, whether or not one is there.
            let _ = page.send(registers.render(format));
            drop(turn);
        })
    };
    // Where there is no thread to be had, it is written down here.
    match elsewhere {
        Ok(_) => written.await.ok(),
        Err(_) => None,
    }
    .unwrap_or_else(|| registers.render(format))
}
