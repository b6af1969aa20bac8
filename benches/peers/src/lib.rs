//! What an axum service pays per request for each layer that observes it.
//!
//! One application and one request ([`app`]), a table of stacks around it ([`stacks`]), and what those stacks
//! report to ([`telemetry`]). The binaries measure: `peers` time and instructions, `allocations` allocations.
//! A stack may install process-wide recorders and subscribers, so every measurement gives each stack a process
//! of its own.

#![forbid(unsafe_code)]

pub mod app;
pub mod measure;
pub mod stacks;
pub mod telemetry;
