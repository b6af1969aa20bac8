//! PromQL through its public face.
#![cfg(feature = "series")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod script;
mod upstream;
