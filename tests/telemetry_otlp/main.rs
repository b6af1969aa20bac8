//! Traces on their way to a collector: a receiver in the process takes what is exported, and fails as it is told to.
#![cfg(all(feature = "axum", feature = "otlp"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod allocations;
mod delivery;
mod failures;
mod kept;
mod logs;
mod messages;
mod names;
mod own_provider;
mod receiver;
mod service;
mod traces;
