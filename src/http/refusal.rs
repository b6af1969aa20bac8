//! How somebody is turned away: in the envelope of the query API, whose clients show its text.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};

/// Why a request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It has no token, or a wrong one.
    NoToken,
    /// It names a host that is not the loopback.
    ForeignHost,
    /// A page of another site sent it.
    CrossSite,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                r#"{"status":"error","errorType":"unauthorized","error":"this needs the access token, as a Bearer token or as the password of Basic authentication"}"#,
            ),
            Self::ForeignHost => (
                StatusCode::FORBIDDEN,
                r#"{"status":"error","errorType":"forbidden","error":"the Host header names no loopback address; ask for localhost or 127.0.0.1, or configure an access token"}"#,
            ),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                r#"{"status":"error","errorType":"forbidden","error":"a page of another site sent this; call from the same origin, or with a Bearer token"}"#,
            ),
        };
        let answer = (status, ALWAYS, body);
        match self {
            Self::NoToken => (AppendHeaders(CHALLENGES), answer).into_response(),
            Self::ForeignHost | Self::CrossSite => answer.into_response(),
        }
    }
}

const ALWAYS: [(HeaderName, HeaderValue); 2] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

const CHALLENGES: [(HeaderName, HeaderValue); 2] = [
    (header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="tower-watch""#)),
    (header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Basic realm="tower-watch", charset="UTF-8""#)),
];
