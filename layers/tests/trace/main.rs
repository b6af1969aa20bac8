//! The span of a request, tried through the public API: what it shows, whom it believes, how much is sampled.
//!
//! `harness` is a subscriber's layer that keeps all spans, a service that does as it is told, and a clock that only the
//! test moves.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attributes;
mod endings;
mod harness;
mod hot_path;
mod ids;
mod kept;
mod layers;
mod privacy;
mod sampling;
mod strangers;
