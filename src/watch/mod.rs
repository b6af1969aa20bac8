//! Where the parts are put together, and nowhere else.
//!
//! [`Watch::builder`] takes what there is to say, [`WatchBuilder::start`] checks it and makes a [`Watch`]; from it
//! come the fused [`WatchLayer`], the preset's [`ServiceBuilder`](tower::ServiceBuilder), the routes of
//! `Watch::router` (feature `axum`), and the numbers. Every other module can be used without this one.

mod access;
#[cfg(feature = "axum")]
mod admin;
#[cfg(not(feature = "axum"))]
#[path = "no_admin.rs"]
mod admin;
#[cfg(feature = "alerts")]
mod alerts;
#[cfg(not(feature = "alerts"))]
#[path = "no_alerts.rs"]
mod alerts;
mod builder;
mod client;
mod endpoints;
mod error;
mod handle;
mod layer;
mod panic;
#[cfg(feature = "series")]
mod past;
#[cfg(not(feature = "series"))]
#[path = "no_past.rs"]
mod past;
mod preset;
#[cfg(feature = "axum")]
mod router;
#[cfg(feature = "logs")]
mod telemetry;
#[cfg(not(feature = "logs"))]
#[path = "no_telemetry.rs"]
mod telemetry;
mod traces;

pub use self::builder::WatchBuilder;
pub use self::endpoints::Endpoints;
pub use self::error::{Problem, StartError};
pub use self::handle::Watch;
pub use self::layer::{WatchExchange, WatchLayer, WatchObserver, Watched};
pub use self::panic::AnswerPanic;
#[cfg(feature = "series")]
pub use self::past::{CollectError, Collected, Collector, Schedule, Summary};
pub use self::preset::{Preset, PresetBuilder};
#[cfg(feature = "axum")]
pub use self::router::RouterExt;
