//! The body of what changes something.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::http::alert_api::answer::Failure;

/// The largest body that is read: some ten thousand alerts.
const MOST_BYTES: usize = 4 << 20;

/// A body of JSON.
#[derive(Clone, Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S, T> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Failure;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Failure> {
        let (head, body) = request.into_parts();
        if !is_json(&head.headers) {
            return Err(unsupported());
        }
        let bytes = to_bytes(body, MOST_BYTES).await.map_err(|fault| {
            let message = format!("{fault}; a body has at most {MOST_BYTES} bytes");
            Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message)
        })?;
        let value = serde_json::from_slice(&bytes)
            .map_err(|fault| Failure::bad(format!("the body is not what belongs here: {fault}")))?;
        Ok(Self(value))
    }
}

/// No body: a command. A form of another site always says what kind of form it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command;

impl<S: Send + Sync> FromRequest<S> for Command {
    type Rejection = Failure;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Failure> {
        let headers = request.headers();
        if headers.contains_key(header::CONTENT_TYPE) && !is_json(headers) {
            return Err(unsupported());
        }
        Ok(Self)
    }
}

fn unsupported() -> Failure {
    Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type of a change is application/json")
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media = value.split(';').next().unwrap_or("").trim();
    media.eq_ignore_ascii_case("application/json")
}
