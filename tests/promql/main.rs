//! PromQL through the public API.
#![cfg(feature = "series")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod eval;
mod grammar;
mod hostile;
mod script;
mod upstream;
