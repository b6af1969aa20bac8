//! Alertmanager's API over the engine: asked in process, and by the real `amtool`.
#![cfg(all(feature = "alerts", feature = "axum"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod alerts;
mod amtool;
mod awake;
mod own;
mod silences;
mod world;
