//! The alerts of a watch: what there is to say about them, and the engine over its past.

mod handle;
#[cfg(feature = "axum")]
mod routes;
mod settings;

pub(crate) use crate::watch::alerts::handle::Alerting;
pub(crate) use crate::watch::alerts::settings::AlertingSettings;
