//! Rules under evaluation, through the public API: what they find, what they show, and what it costs.
#![cfg(all(feature = "alerts", feature = "axum"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod guide;
mod rules_api;
mod world;
