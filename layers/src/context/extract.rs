//! [`RequestContext`] as an axum extractor.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::context::RequestContext;

/// A handler asked for the [`RequestContext`] of a request that no layer of ours observes. Answered with 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingContext;

impl std::fmt::Display for MissingContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "this request is not observed: put the tower-watch layer around the router with .layer(...), or take \
             Option<RequestContext> where the path is excluded",
        )
    }
}

impl std::error::Error for MissingContext {}

impl IntoResponse for MissingContext {
    fn into_response(self) -> Response {
        tracing::error!("{self}");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = MissingContext;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, MissingContext> {
        Self::of(&head.extensions).ok_or(MissingContext)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(&head.extensions))
    }
}
