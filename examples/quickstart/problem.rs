//! What the shop answers instead of what was asked for.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tower_watch::RequestContext;

#[derive(Debug)]
pub(crate) enum Problem {
    NotFound,
    Invalid(&'static str),
    TooLarge,
    BankSilent,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "there is no such product"),
            Self::Invalid(detail) => (StatusCode::UNPROCESSABLE_ENTITY, detail),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the upload is too large"),
            Self::BankSilent => (StatusCode::BAD_GATEWAY, "the bank did not answer"),
        };
        // Wherever code runs for a request, it can ask which one.
        let context = RequestContext::current();
        let request_id = context.as_ref().and_then(RequestContext::request_id).map(ToString::to_string);
        let problem = json!({
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": detail,
            "request_id": request_id,
        });
        (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response()
    }
}
