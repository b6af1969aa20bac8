//! The paths.

use std::time::UNIX_EPOCH;

use axum::Router;
use axum::response::Response;
use axum::routing::{any, get};
use tower_watch_layers::observe::RouteLayer;
use tower_watch_layers::policy::RoutePolicy;

use crate::http::query_api::answer::{Answer, ApiError, ErrorType};
use crate::http::query_api::unread::Room;
use crate::http::query_api::{exemplars, lookup, metadata, query, status};
use crate::promql::{Job, Limits, QueryEngine};
use crate::registers::Registers;
use crate::series::Labels;

/// Prometheus' HTTP API over an engine and the registers of the same process.
///
/// It guards nothing by itself: bind it with [`Admin`](crate::http::Admin), or put it behind an
/// [`Access`](crate::http::Access) with a token where it is nested into the application.
///
/// ```
/// use std::sync::Arc;
/// use axum::Router;
/// use tower_watch::http::{Access, AccessToken, QueryApi};
/// use tower_watch::promql::QueryEngine;
/// use tower_watch::registers::Registers;
/// use tower_watch::series::Store;
///
/// let engine = QueryEngine::new(Arc::new(Store::new()));
/// let access = Access::token(AccessToken::new("a long random text")?);
/// let app: Router = Router::new().nest("/watch", access.guard(QueryApi::new(engine, Registers::new()).router()));
/// # Ok::<(), tower_watch::http::TokenError>(())
/// ```
#[derive(Clone, Debug)]
pub struct QueryApi {
    pub(crate) engine: QueryEngine,
    pub(crate) registers: Registers,
    pub(crate) target: Labels,
    /// Milliseconds since the Unix epoch.
    pub(crate) started: i64,
    room: Room,
}

impl QueryApi {
    /// The registers are asked for metadata and exemplars, everything else is asked of the engine.
    #[must_use]
    pub fn new(engine: QueryEngine, registers: Registers) -> Self {
        let started = wall_millis(&engine);
        Self { engine, registers, target: Labels::default(), started, room: Room::default() }
    }

    /// The labels that the store adds to every series (`job`, `instance`), so that exemplars have them too.
    #[must_use]
    pub fn with_target(mut self, labels: Labels) -> Self {
        self.target = labels;
        self
    }

    /// All paths, from `/api/v1` on. They are not observed, also where a watch's layer goes around them.
    pub fn router<S>(self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let off = RouteLayer::new(RoutePolicy::new().off());
        let paths = Router::new()
            .route("/query", get(query::instant).post(query::instant))
            .route("/query_range", get(query::range).post(query::range))
            .route("/query_exemplars", get(exemplars::exemplars).post(exemplars::exemplars))
            .route("/format_query", get(query::format).post(query::format))
            .route("/series", get(lookup::series).post(lookup::series))
            .route("/labels", get(lookup::labels).post(lookup::labels))
            .route("/label/{name}/values", get(lookup::label_values))
            .route("/metadata", get(metadata::metadata))
            .route("/status/buildinfo", get(status::build_info))
            .route("/status/runtimeinfo", get(status::runtime_info))
            .fallback(not_found)
            .method_not_allowed_fallback(method_not_allowed)
            .layer(off.clone())
            .with_state(self);
        // A nested router does not see its own root with a slash.
        let root = any(not_found).layer(off);
        Router::new().nest("/api/v1", paths).route("/api/v1/", root)
    }

    /// The answer that `work` gives on the thread of a query, where there is room for it.
    pub(crate) async fn answer<F>(&self, limits: Limits, work: F) -> Result<Response, ApiError>
    where
        F: FnOnce(&Job) -> Result<Answer, ApiError> + Send + 'static,
    {
        self.engine.run(limits, work).await??.kept_in(&self.room)
    }

    /// Milliseconds since the Unix epoch.
    pub(crate) fn now(&self) -> i64 {
        wall_millis(&self.engine)
    }
}

fn wall_millis(engine: &QueryEngine) -> i64 {
    let since = engine.clock().wall().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

async fn not_found() -> ApiError {
    ApiError::new(ErrorType::NotFound, "there is no such path in the query API")
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorType::MethodNotAllowed, "this path has other methods, which the Allow header names")
}
