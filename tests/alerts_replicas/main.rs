//! Of several replicas one sends: for all, once, and another goes on where it was killed.

#![cfg(all(feature = "axum", feature = "postgres", feature = "redis"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod elected;
mod elections;
mod processes;
mod servers;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod support;
