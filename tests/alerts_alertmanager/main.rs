//! The same configuration file and the same alerts, for a real Alertmanager and for a whole watch: what receivers are told.
#![cfg(all(feature = "alerts", feature = "axum"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../alerts_receivers/process.rs"]
mod process;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each of the tests uses its part")]
mod support;

mod course;
mod same;
