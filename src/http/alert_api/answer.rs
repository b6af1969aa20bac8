//! What every answer looks like.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// An error, as a JSON string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    status: StatusCode,
    message: String,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = json(&self.message);
        *response.status_mut() = self.status;
        response
    }
}

/// A value as JSON, never kept by a cache, and never taken for a page or a script.
pub(crate) fn json(value: &impl Serialize) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    match serde_json::to_string(value) {
        Ok(text) => (headers, text).into_response(),
        // All of it are maps with names, lists, texts and numbers.
        Err(error) => {
            (StatusCode::INTERNAL_SERVER_ERROR, headers, format!("{:?}", error.to_string())).into_response()
        }
    }
}

/// Nothing to say, as upstream says it where a change was made.
pub(crate) fn done() -> Response {
    StatusCode::OK.into_response()
}
