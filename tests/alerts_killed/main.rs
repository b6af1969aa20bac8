//! A process with alerts in every state that is killed at random moments, two hundred times, while its receivers are down half
//! of the time: what is told in the end. Once in a test's time, and once in real time with the engine's own threads.
#![cfg(feature = "alerts")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod child;
mod killed;
mod real;
mod server;
