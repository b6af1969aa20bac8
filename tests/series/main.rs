//! The series store, through the public API: registers are read by a [`Sampler`](tower_watch::series::Sampler) whose
//! clock a test moves, and what is in the [`Store`](tower_watch::series::Store) afterwards is looked at.
#![cfg(feature = "series")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod beginnings;
mod labels;
mod matchers;
mod memory;
mod overflow;
mod readings;
mod select;
mod thinning;
mod threads;
mod time;
mod world;
