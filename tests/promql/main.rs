//! PromQL through the public API.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod grammar;
