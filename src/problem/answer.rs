//! A problem, and what becomes of it.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower_watch_layers::classify::Protocol;
use tower_watch_layers::context::RequestContext;
use tower_watch_layers::observe::Refusal;

use crate::problem::json::Object;
use crate::problem::{Member, grpc};

/// What the members of the standard are called: an extension cannot be called so.
const STANDARD: [&str; 6] = ["type", "title", "status", "detail", "instance", "request_id"];

const OUR_FAULT: &str = "the service failed; tell its operators the request id";

/// An error response; see [`problem`](crate::problem). The client sees everything that is said here but the cause and the error
/// type: no secret, and nothing about the inside of the service.
///
/// Any error becomes a 500 whose cause it is. Costs two allocations when it is made, and nothing on the way of a success.
pub struct Problem {
    inner: Box<Inner>,
}

struct Inner {
    status: StatusCode,
    kind: Cow<'static, str>,
    title: Option<Cow<'static, str>>,
    detail: Option<Cow<'static, str>>,
    instance: Option<Cow<'static, str>>,
    members: Vec<(Cow<'static, str>, Member)>,
    error_type: Option<&'static str>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem of this status. A status that is no error (below 400) becomes a 500.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        let is_error = status.is_client_error() || status.is_server_error();
        let status = if is_error { status } else { StatusCode::INTERNAL_SERVER_ERROR };
        Self {
            inner: Box::new(Inner {
                status,
                kind: Cow::Borrowed("about:blank"),
                title: None,
                detail: None,
                instance: None,
                members: Vec::new(),
                error_type: None,
                cause: None,
            }),
        }
    }

    /// A 500 with this cause: for what is an error in a box, or of `anyhow`'s.
    #[must_use]
    pub fn of(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR).with_detail(OUR_FAULT).with_cause(cause)
    }

    /// Why it went wrong this time, for the client.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.inner.detail = Some(detail.into());
        self
    }

    /// What kind of problem it is, for the client: the same each time. By default the name of the status.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.inner.title = Some(title.into());
        self
    }

    /// The URI of the kind of problem, where its documentation stands. By default `about:blank`.
    #[must_use]
    pub fn with_type(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.inner.kind = uri.into();
        self
    }

    /// A URI for this one occurrence.
    #[must_use]
    pub fn with_instance(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.inner.instance = Some(uri.into());
        self
    }

    /// Adds a member for programs. The standard's own names, and one that is there already, are left as they are.
    #[must_use]
    pub fn with_member(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Member>) -> Self {
        let name = name.into();
        let is_taken =
            STANDARD.contains(&&*name) || self.inner.members.iter().any(|(taken, _)| *taken == name);
        if !is_taken {
            self.inner.members.push((name, value.into()));
        }
        self
    }

    /// Names the error for operators: the exchange counts as an error of this name in metrics, traces and logs, whatever its
    /// status.
    #[must_use]
    pub fn with_error_type(mut self, name: &'static str) -> Self {
        self.inner.error_type = Some(name);
        self
    }

    /// What was the cause: for the log, never for the client.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.inner.cause = Some(cause.into());
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.inner.status
    }

    fn log(&self, request_id: Option<&str>) {
        let Inner { status, error_type, cause, .. } = &*self.inner;
        let (code, error_type) = (status.as_u16(), *error_type);
        let cause = cause.as_deref().map(|cause| cause as &(dyn Error + 'static));
        if !status.is_server_error() {
            tracing::debug!(request_id, status = code, error_type, error = cause, "a request has a problem");
        } else if cause.is_some() {
            tracing::error!(request_id, status = code, error_type, error = cause, "a request failed");
        } else {
            tracing::warn!(request_id, status = code, error_type, "a request was answered with a failure");
        }
    }

    fn trailers_only(self, context: &RequestContext) -> Response {
        let Inner { status, title, detail, .. } = *self.inner;
        let reason = status.canonical_reason().unwrap_or("Error");
        let message = detail.or(title).unwrap_or(Cow::Borrowed(reason));
        let refusal = Refusal::new(status, grpc::status(status), message);
        refusal.into_response(Some(context.slot())).map(Body::new)
    }

    fn body(&self, request_id: Option<&str>) -> String {
        let Inner { status, kind, title, detail, instance, members, .. } = &*self.inner;
        let mut json = Object::new();
        json.text("type", kind);
        json.text("title", title.as_deref().or(status.canonical_reason()).unwrap_or("Error"));
        json.plain("status", status.as_u16());
        let optional =
            [("detail", detail.as_deref()), ("instance", instance.as_deref()), ("request_id", request_id)];
        for (name, value) in optional {
            if let Some(value) = value {
                json.text(name, value);
            }
        }
        for (name, value) in members {
            json.member(name, value);
        }
        json.finish()
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Problem {
    fn from(cause: E) -> Self {
        Self::of(cause)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let context = RequestContext::current();
        let request_id = context.as_ref().and_then(RequestContext::request_id).map(ToString::to_string);
        if let (Some(context), Some(name)) = (&context, self.inner.error_type) {
            context.set_error_type(name);
        }
        self.log(request_id.as_deref());
        if let Some(context) = context.filter(|context| context.slot().protocol() == Protocol::Grpc) {
            return self.trailers_only(&context);
        }
        let mut response = Response::new(Body::from(self.body(request_id.as_deref())));
        *response.status_mut() = self.inner.status;
        response.headers_mut().insert(header::CONTENT_TYPE, CONTENT_TYPE);
        response
    }
}

pub(crate) const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.inner.status)?;
        match &self.inner.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

/// Without the cause, which may name what nobody should read.
impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("status", &self.inner.status)
            .field("detail", &self.inner.detail)
            .field("error_type", &self.inner.error_type)
            .finish_non_exhaustive()
    }
}
