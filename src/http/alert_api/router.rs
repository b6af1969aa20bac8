//! The paths.

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use tower_watch_layers::observe::RouteLayer;
use tower_watch_layers::policy::RoutePolicy;

use crate::alert::Alerts;
use crate::alert::engine::Engine;
use crate::http::alert_api::answer::Failure;
use crate::http::alert_api::{alerts, groups, own, silences, status, v1};

/// Alertmanager's HTTP API over the alerts of a watch, and what Alertmanager has not.
///
/// It guards nothing by itself: bind it with [`Admin`](crate::http::Admin), or put it behind an
/// [`Access`](crate::http::Access) with a token where it is nested into the application.
#[derive(Clone, Debug)]
pub struct AlertApi {
    pub(crate) alerts: Alerts,
}

impl AlertApi {
    /// The alerts of [`Watch::alerts`](crate::Watch::alerts). Where there is no engine, every path says so.
    #[must_use]
    pub fn new(alerts: Alerts) -> Self {
        Self { alerts }
    }

    /// All paths. They are not observed, also where a watch's layer goes around them.
    pub fn router<S>(self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let off = RouteLayer::new(RoutePolicy::new().off());
        Router::new()
            .route("/api/v2/alerts", get(alerts::list).post(alerts::post))
            .route("/api/v2/alerts/groups", get(groups::list))
            .route("/api/v2/silences", get(silences::list).post(silences::set))
            .route("/api/v2/silence/{id}", get(silences::show).delete(silences::expire))
            .route("/api/v2/receivers", get(status::receivers))
            .route("/api/v2/status", get(status::status))
            .route("/api/v1/rules", get(v1::rules))
            .route("/api/v1/alerts", get(v1::alerts))
            .route("/api/v1/alerts/test", post(own::test))
            .route("/-/reload", post(own::reload))
            .route("/api/alerts/acknowledge", post(own::acknowledge).delete(own::withdraw))
            .route("/api/alerts/explain", get(own::explain))
            .route("/api/alerts/audit", get(own::audit))
            .route("/api/alerts/history", get(own::history))
            .layer(off)
            .with_state(self)
    }

    /// Asks the engine on a thread for blocking work: it may wait for a tick, or for the disk.
    pub(crate) async fn blocking<F>(&self, work: F) -> Result<Response, Failure>
    where
        F: FnOnce(&Arc<Engine>) -> Result<Response, Failure> + Send + 'static,
    {
        let Some(engine) = self.alerts.engine.clone() else {
            return Err(Failure::not_found("there is no alert engine here"));
        };
        tokio::task::spawn_blocking(move || work(&engine))
            .await
            .unwrap_or_else(|_| Err(Failure::internal("the answer could not be made, which is a defect")))
    }
}
