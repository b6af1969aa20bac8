//! Log lines as a whole: what is written, whose it is, where it goes, and what a hostile value can do to it.
#![cfg(all(feature = "axum", feature = "logs"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod business;
mod child;
mod fields;
mod files;
mod hostile;
mod interleavings;
mod keys;
mod levels;
mod properties;
mod sinks;
mod subscriber;
mod support;
mod terminal;
