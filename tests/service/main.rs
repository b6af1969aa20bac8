//! A watched service as a whole: over real sockets where the transport decides what happens, in the process where it
//! does not.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod allocations;
mod bad_input;
mod clients;
mod disconnects;
mod endings;
mod observed;
mod outgoing;
#[path = "../support/mod.rs"]
mod support;
mod upgrades;
mod watch;
