//! The threads of the engine, and the handle to it.
//!
//! | file | what it is |
//! |---|---|
//! | `settings`, `sources` | what there is to say, and what that becomes when its files are read |
//! | `driver` | the engine: one tick evaluates, routes, and writes all of it down at once |
//! | `core`, `journal` | what a tick changes under one lock, and the order in which that reaches the disk |
//! | `bell`, `inbox` | how the thread sleeps, and what a handler leaves for it |
//! | `replication` | the election of one of several replicas, and what it takes over |
//! | `delivery`, `desk` | the thread on which receivers are told, and where it finds what is owed |
//! | `passing` | acknowledgements, passed on to receivers |
//! | `meters` | what is counted |
//! | `reload`, `hangup` | what makes it read its files again |
//! | `subscribers` | who else hears of every change |
//! | `handle`, `care`, `views` | [`Alerts`](crate::alert::Alerts), and what the API shows |
//!
//! Two threads, both the toolkit's own: `tower-watch-alert` evaluates and routes, `tower-watch-notify` sends, so an alert is
//! found and told when the application's executor is stuck. With a fake clock the first one is not started, and a test says
//! when.

mod bell;
mod care;
mod core;
mod delivery;
mod desk;
mod driver;
mod handle;
#[cfg(unix)]
mod hangup;
#[cfg(not(unix))]
#[path = "no_hangup.rs"]
mod hangup;
mod inbox;
mod journal;
mod meters;
mod passing;
mod reload;
mod replication;
mod settings;
mod sources;
mod subscribers;
#[cfg(feature = "axum")]
mod views;

pub(crate) use crate::alert::engine::driver::{Engine, Identity, Surroundings};
pub use crate::alert::engine::handle::{Alerts, ReloadError, TestError};
#[cfg(feature = "axum")]
pub(crate) use crate::alert::engine::inbox::Entry;
pub use crate::alert::engine::settings::AlertSettings;
pub(crate) use crate::alert::engine::sources::Plan;
pub use crate::alert::engine::subscribers::Subscription;
#[cfg(feature = "axum")]
pub(crate) use crate::alert::engine::views::AlertView;
