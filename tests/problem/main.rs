//! Error responses: what the client sees, what the log says, what the numbers count.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod forms;
mod logged;
