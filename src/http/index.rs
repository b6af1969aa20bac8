//! What is on the admin listener, and the page that says so.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::routing::get;

use crate::http::{liveness_route, metrics_route};
use crate::registers::Registers;

/// The routes of the admin listener, each with a line for the index at `/`.
///
/// ```
/// use tower_watch::http::{Admin, AdminRoutes};
/// use tower_watch::registers::Registers;
///
/// let routes = AdminRoutes::new("orders", &Registers::new());
/// let admin = Admin::new().with_address(([127, 0, 0, 1], 0)).bind(routes.into_router())?;
/// println!("admin http://{}", admin.address());
/// # Ok::<(), tower_watch::http::AdminError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AdminRoutes {
    router: Router,
    index: String,
}

impl AdminRoutes {
    /// `/metrics` and `/health/liveness` of the service with this name.
    #[must_use]
    pub fn new(service: &str, registers: &Registers) -> Self {
        Self { router: Router::new(), index: format!("{service}, observed by tower-watch\n\n") }
            .with(
                "/metrics",
                "every number as it is now",
                Router::new().route("/metrics", metrics_route(registers.clone())),
            )
            .with(
                "/health/liveness",
                "whether the process is alive",
                Router::new().route("/health/liveness", liveness_route()),
            )
    }

    /// Adds routes, and the line that says what they are.
    #[must_use]
    pub fn with(mut self, path: &str, about: &str, routes: Router) -> Self {
        self.router = self.router.merge(routes);
        self.index.push_str(&format!("{path:<20} {about}\n"));
        self
    }

    /// All of them, and the index at `/`.
    pub fn into_router(self) -> Router {
        let Self { router, index } = self;
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))];
        router.route("/", get(async move || (kind, index)))
    }
}

#[cfg(feature = "series")]
impl AdminRoutes {
    /// Adds Prometheus' HTTP API.
    #[must_use]
    pub fn with_query_api(self, api: crate::http::QueryApi) -> Self {
        self.with("/api/v1/", "Prometheus' HTTP API: the recent past, in PromQL", api.router())
    }
}

#[cfg(feature = "alerts")]
impl AdminRoutes {
    /// Adds Alertmanager's HTTP API, and what is beside it.
    #[must_use]
    pub fn with_alert_api(self, api: crate::http::AlertApi) -> Self {
        self.with(
            "/api/v2/",
            "Alertmanager's HTTP API: alerts, silences, receivers; for amtool too",
            api.router(),
        )
        .with("/api/alerts/", "explain, acknowledge, audit, history", Router::new())
        .with("/api/v1/alerts/test", "POST: sends a test message to ?receiver=", Router::new())
        .with("/-/reload", "POST: reads rules and routing again", Router::new())
    }
}
