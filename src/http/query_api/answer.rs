//! The envelope: what every answer and every error looks like.

use std::fmt::Display;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::http::query_api::json;
use crate::http::query_api::unread::Room;
use crate::promql::{Annotations, EvalError, QueryError};

/// The most annotations of a kind that an answer shows, as upstream.
const MOST_ANNOTATIONS: usize = 10;

/// What a truncated answer says.
const TRUNCATED: &str = "results truncated due to limit";

/// An answer, written down.
#[derive(Debug)]
pub(crate) struct Answer(String);

impl Answer {
    /// An answer whose data is what `write` writes.
    pub(crate) fn new(write: impl FnOnce(&mut String)) -> Self {
        Self::annotated(&Annotations::default(), false, write)
    }

    /// The same, with what came up on the way.
    pub(crate) fn annotated(
        annotations: &Annotations,
        truncated: bool,
        write: impl FnOnce(&mut String),
    ) -> Self {
        let mut out = String::from(r#"{"status":"success","data":"#);
        write(&mut out);
        let mut warnings = shown(annotations.warnings(), "warning");
        warnings.extend(truncated.then(|| TRUNCATED.to_owned()));
        for (member, texts) in [("warnings", warnings), ("infos", shown(annotations.infos(), "info"))] {
            if !texts.is_empty() {
                out.push(',');
                json::string(&mut out, member);
                out.push(':');
                json::strings(&mut out, texts);
            }
        }
        out.push('}');
        Self(out)
    }

    /// An answer with the first `limit` of these strings; 0 is no limit.
    pub(crate) fn limited_strings<T: AsRef<str>>(
        items: impl ExactSizeIterator<Item = T>,
        limit: usize,
    ) -> Self {
        Self::limited(items, limit, |out, item| json::string(out, item.as_ref()))
    }

    /// An answer with the first `limit` of these items; 0 is no limit.
    pub(crate) fn limited<T>(
        items: impl ExactSizeIterator<Item = T>,
        limit: usize,
        write: impl FnMut(&mut String, T),
    ) -> Self {
        let most = if limit == 0 { usize::MAX } else { limit };
        let truncated = items.len() > most;
        Self::annotated(&Annotations::default(), truncated, |out| json::array(out, items.take(most), write))
    }
}

fn shown(annotations: &[String], kind: &str) -> Vec<String> {
    let mut texts: Vec<String> = annotations.iter().take(MOST_ANNOTATIONS).cloned().collect();
    let more = annotations.len().saturating_sub(MOST_ANNOTATIONS);
    if more > 0 {
        texts.push(format!("{more} more {kind} annotations omitted"));
    }
    texts
}

impl Answer {
    /// The response, where there is room for an answer of any length.
    pub(crate) fn kept_in(self, room: &Room) -> Result<Response, ApiError> {
        Ok((headers(), room.body(self.0)?).into_response())
    }
}

/// For answers that are always short.
impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (headers(), self.0).into_response()
    }
}

/// Never kept by a cache, and never taken for a page or a script.
fn headers() -> [(header::HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}

/// What kind of error it is; each has its status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorType {
    BadData,
    Execution,
    Timeout,
    Canceled,
    Internal,
    Unavailable,
    NotFound,
    MethodNotAllowed,
}

impl ErrorType {
    fn name(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Execution => "execution",
            Self::Timeout => "timeout",
            Self::Canceled => "canceled",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::BadData => StatusCode::BAD_REQUEST,
            Self::Execution => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Timeout | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            // "Client closed request": nginx' number, which upstream took.
            Self::Canceled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        }
    }
}

/// An error, in the envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    kind: ErrorType,
    message: String,
}

impl ApiError {
    pub(crate) fn new(kind: ErrorType, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn bad_data(message: impl Into<String>) -> Self {
        Self::new(ErrorType::BadData, message)
    }

    /// With upstream's words for a parameter that cannot be.
    pub(crate) fn parameter(name: &str, fault: impl Display) -> Self {
        Self::bad_data(format!("invalid parameter {name:?}: {fault}"))
    }
}

/// For the API that has no envelope.
#[cfg(feature = "alerts")]
impl ApiError {
    /// What is wrong.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Parse(error) => Self::parameter("query", error),
            QueryError::Eval(error) => error.into(),
            QueryError::Internal(message) => Self::new(ErrorType::Internal, message),
            QueryError::NoStore => Self::new(ErrorType::Internal, error.to_string()),
        }
    }
}

impl From<EvalError> for ApiError {
    fn from(error: EvalError) -> Self {
        let kind = match error {
            EvalError::Timeout(_) => ErrorType::Timeout,
            EvalError::TooManyPoints(_) => ErrorType::BadData,
            EvalError::Canceled => ErrorType::Canceled,
            EvalError::TooManySamples(_) | EvalError::Execution(_) => ErrorType::Execution,
        };
        Self::new(kind, error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut out = String::from(r#"{"status":"error","errorType":"#);
        json::string(&mut out, self.kind.name());
        out.push_str(r#","error":"#);
        json::string(&mut out, &self.message);
        out.push('}');
        (self.kind.status(), headers(), out).into_response()
    }
}
