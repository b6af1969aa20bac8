//! The exchange, tried through the public API: every way in which it can end, and who sees what of it.
//!
//! One binary, so that the dependencies are linked once. `script` is the service that does as it is told and the
//! transport that polls it, by hand and on a clock that stands still; `scenarios` is the table of endings.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod bounds;
mod endings;
mod interleavings;
mod matrix;
mod scenarios;
mod script;
mod spawned;
