//! Spans by exchange, tried through the public API: where a thread is working, and what is recorded.
//!
//! `harness` is an exchange that asks to be recorded, around a handler that is given in place.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod allocations;
mod fields;
mod harness;
mod limits;
mod marks;
mod random_trees;
mod recorded;
