//! Every axum router of the toolkit: the faces that operators and their tools see.
//!
//! A route here reads what another part keeps, and answers in the words of a protocol that exists already. It
//! decides nothing, keeps nothing, and is never in the way of the application's own requests.
//!
//! | Route | What answers |
//! |---|---|
//! | `/metrics` | [`metrics_route`]: Prometheus text or OpenMetrics, as the scraper asks |
//! | `/health/liveness` | [`liveness_route`]: the process is alive |
//! | `/api/v1/*` | [`QueryApi`]: Prometheus' HTTP API over the series store |
//! | `/api/v2/*` | `AlertApi` (feature `alerts`): Alertmanager's HTTP API over the alert engine |
//! | `/` | [`AdminRoutes`]: the list of all these, on the admin listener |
//!
//! [`Admin`] is the listener beside the application's, and [`Access`] says who may come in, there and where these
//! routes are nested into the application.
//!
//! [`router`] puts them together, as [`Watch::router`](crate::Watch::router) does.
//!
//! ```
//! use axum::Router;
//! use tower_watch::http::metrics_route;
//! use tower_watch::registers::Registers;
//!
//! let registers = Registers::new();
//! let app: Router = Router::new().route("/metrics", metrics_route(registers));
//! ```

mod accept;
mod access;
mod admin;
#[cfg(feature = "alerts")]
mod alert_api;
mod connections;
#[cfg(feature = "gzip")]
#[path = "gzip.rs"]
mod encoding;
#[cfg(not(feature = "gzip"))]
#[path = "identity.rs"]
mod encoding;
mod health;
mod host;
mod index;
mod metrics;
#[cfg(feature = "series")]
mod query_api;
mod refusal;
mod router;
mod token;

pub use crate::http::access::Access;
pub use crate::http::admin::{Admin, AdminError, AdminServer};
#[cfg(feature = "alerts")]
pub use crate::http::alert_api::AlertApi;
pub use crate::http::health::liveness_route;
pub use crate::http::index::AdminRoutes;
pub use crate::http::metrics::metrics_route;
#[cfg(feature = "series")]
pub use crate::http::query_api::QueryApi;
pub use crate::http::router::router;
pub use crate::http::token::{AccessToken, TokenError};
