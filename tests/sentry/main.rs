//! Sentry, against an ingest endpoint of our own whose envelopes are read back.
#![cfg(all(feature = "axum", feature = "sentry"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod faults;
mod ingest;
mod issues;
mod panics;
mod redaction;
mod settings;
mod transactions;
