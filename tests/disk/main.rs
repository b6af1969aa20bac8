//! The snapshot of the series store on disk, through the public API: what comes back, what a restart looks like in
//! the samples, and what happens to files that are damaged, foreign, locked, too large for their disk, or cut off in
//! the middle of a save.
#![cfg(feature = "series")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod failing;
mod killed;
mod restart;
mod round_trip;
mod running;
mod size;
mod support;
mod unreadable;
