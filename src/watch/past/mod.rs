//! The past of a watch: the thread that reads its numbers tick by tick, and what can be asked about them.

mod handle;
#[cfg(feature = "axum")]
mod routes;
mod saver;
mod settings;
mod ticker;

pub(crate) use crate::watch::past::settings::{Past, PastSettings};
