//! The alert engine through its public API: ticks and deliveries by hand, on a clock that a test moves.
#![cfg(feature = "alerts")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod care;
mod examples;
mod life;
mod listening;
mod raised;
mod rules;
mod scratch;
mod settings;
mod world;
