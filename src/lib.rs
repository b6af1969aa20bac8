//! tower-watch makes a tower, axum or hyper service observable with one layer: request ids and tenants, traces, logs
//! and metrics of every request, followed to its true end, their recent past, and alerts about it.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use tower_watch::{RouterExt, Watch};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let watch = Watch::builder("orders").start()?;
//!     let app = Router::new().route("/orders/{id}", get(|| async { "an order" })).watched(&watch);
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//!     axum::serve(listener, app).await?;
//!     Ok(())
//! }
//! ```
//!
//! # The path of a request, and of a number
//!
//! A request comes in through [`WatchLayer`], which is [`layers::observe`] with the observers [`layers::context`],
//! [`layers::trace`], [`layers::red`] and [`layers::access`]. What is said inside of it, spans and events of `tracing`, finds
//! its ids through [`layers::spans`] and goes where `telemetry` was told: to lines, to a collector, to Sentry. What it asks of
//! others goes out through [`client`]. A number goes through the `metrics` facade into [`registers`], and from there to `/metrics`
//! ([`http`]), to a [`Snapshot`](registers::Snapshot), and tick by tick into the store of `series`, whose past
//! `promql` reads: for `Watch::query`, for Prometheus' HTTP API on the admin listener, and for the rules of `alert`, which
//! tells receivers what fires and what is over. [`Watch`] puts them together.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `axum` | yes | axum routers, the matched route as the endpoint, `RequestContext` as an extractor |
//! | `gzip` | yes | `/metrics` compressed, when the scraper asks for it |
//! | `logs` | yes | log lines with the ids of their request, and the subscriber in one line |
//! | `series` | yes | the recent past of every metric in the process, and PromQL over it |
//! | `alerts` | yes | Prometheus' rules and Alertmanager's routing over that past, and notifications over HTTP |
//! | `mail` | | notifications by e-mail |
//! | `postgres`, `redis` | | one of several replicas sends, elected by a lock there |
//! | `otlp` | | traces, logs and metrics to an OpenTelemetry collector |
//! | `sentry` | | errors and panics to Sentry |
//! | `reqwest` | | the watched client for reqwest |
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::disallowed_macros, clippy::disallowed_methods)]

#[cfg(feature = "alerts")]
pub mod alert;
pub mod client;
mod config;
#[cfg(feature = "series")]
mod disk;
#[cfg(feature = "axum")]
pub mod http;
#[cfg(feature = "outgoing")]
pub mod outgoing;
#[cfg(feature = "axum")]
pub mod problem;
#[cfg(feature = "series")]
pub mod promql;
pub mod registers;
#[cfg(feature = "series")]
pub mod series;
#[cfg(feature = "logs")]
pub mod telemetry;
pub mod testing;
pub mod watch;

pub use tower_watch_layers as layers;
pub use tower_watch_layers::access::{AccessLog, AccessLogLayer};
pub use tower_watch_layers::client::{ClientConfig, ClientLayer};
pub use tower_watch_layers::context::{
    ContextExt, ContextLayer, Envelope, PeerAddr, RequestContext, RequestIdPolicy, RequireTenantLayer,
    TenantPolicy, Trust,
};
pub use tower_watch_layers::peer::ClientAddress;
pub use tower_watch_layers::policy::RoutePolicy;
pub use tower_watch_layers::ratio::Ratio;
pub use tower_watch_layers::red::{Collect, Label, Naming, RedConfig, RedLayer, TenantMetrics};
pub use tower_watch_layers::trace::{Sampling, TraceConfig, TraceLayer};
pub use tower_watch_layers::traced::{DbSpan, MessageSpan, extract, inject, spanned, traced, traced_fn};

#[cfg(feature = "axum")]
pub use crate::problem::{Problem, ProblemLayer};
#[cfg(feature = "axum")]
pub use crate::watch::RouterExt;
pub use crate::watch::{
    AnswerPanic, Endpoints, Preset, StartError, Watch, WatchBuilder, WatchLayer, Watched,
};

/// So that what the README shows compiles.
#[cfg(all(doctest, feature = "alerts", feature = "axum", feature = "logs"))]
#[doc = include_str!("../README.md")]
struct Readme;
