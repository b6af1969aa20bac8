//! What the environment says about telemetry, and what becomes of nonsense.
#![cfg(feature = "otlp")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod child;
mod headers;
mod nonsense;
mod places;
mod protocols;
mod switches;
mod world;
