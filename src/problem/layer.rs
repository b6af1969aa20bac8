//! What handlers, extractors and the router answer without a problem.

use axum::body::{Body, HttpBody};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::Layer;
use tower::util::MapResponse;

use crate::problem::Problem;

/// Brings error responses into the form of a [`Problem`]: those of 5xx whatever they say, since they say it from the inside;
/// those of 4xx that say nothing. What is JSON, a problem or gRPC already stays as it is, and so do all other headers.
///
/// Goes inside of the watch: `router.layer(ProblemLayer::new()).watched(&watch)`. Costs a look at the status.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProblemLayer {
    _private: (),
}

/// The service of [`ProblemLayer`].
pub type Problems<S> = MapResponse<S, fn(Response) -> Response>;

impl ProblemLayer {
    /// Brings all into one form.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S> Layer<S> for ProblemLayer {
    type Service = Problems<S>;

    fn layer(&self, inner: S) -> Problems<S> {
        MapResponse::new(inner, in_form)
    }
}

fn in_form(response: Response) -> Response {
    let status = response.status();
    let is_mute = status.is_client_error() && response.body().is_end_stream();
    if (is_mute || status.is_server_error()) && !has_form(&response) {
        replaced(response, status)
    } else {
        response
    }
}

/// Made for programs: JSON of any kind, gRPC.
fn has_form(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim).unwrap_or_default();
    kind == "application/json" || kind.ends_with("+json") || kind.starts_with("application/grpc")
}

fn replaced(response: Response, status: StatusCode) -> Response {
    let (mut head, _) = response.into_parts();
    let (problem, body) = Problem::new(status).into_response().into_parts();
    // To a gRPC client what went wrong is in the trailers, and the status of HTTP is 200.
    head.status = problem.status;
    for of_the_body in
        [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::TRANSFER_ENCODING, header::ETAG]
    {
        head.headers.remove(of_the_body);
    }
    head.headers.extend(problem.headers);
    Response::from_parts(head, Body::new(body))
}
