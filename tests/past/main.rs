//! The past of a watch through its public API: ticks by hand, on a clock that a test moves.
#![cfg(all(feature = "axum", feature = "series"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod collectors;
mod queries;
mod restarts;
mod settings;
mod summaries;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "only the waiting is needed here")]
mod support;
mod today;
mod watched;
