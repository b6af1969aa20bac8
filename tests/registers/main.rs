//! The registers and their exposition, through the public API. What makes them global is in `global_recorder.rs` and
//! `foreign_recorder.rs`: a process has one global recorder.

mod exposition;
#[cfg(feature = "axum")]
mod http;
mod idle;
mod values;
