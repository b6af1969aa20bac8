//! PromQL through the public API.
#![cfg(feature = "series")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod eval;
mod fuzz;
mod grammar;
mod hostile;
mod limits;
#[path = "../support/promql/mod.rs"]
mod promql_support;
mod script;
mod upstream;
