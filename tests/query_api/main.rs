//! Prometheus' HTTP API, who may use it, and the listener that it is on.
#![cfg(all(feature = "axum", feature = "series"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod admin;
mod bad_input;
mod engine;
mod filled;
mod large;
mod lookups;
mod queries;
mod status;
mod tokens;
mod tools;
