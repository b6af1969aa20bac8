//! The state machine, as Prometheus' documentation and its own tests describe it; in fake time.
#![allow(clippy::unwrap_used, reason = "tests")]

mod differential;
mod harness;
mod reload;
mod restart;
mod states;
