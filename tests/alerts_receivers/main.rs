//! Receivers of notifications over real sockets: what they send, and what they make of every kind of answer.
#![cfg(feature = "mail")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each of the tests uses its part")]
mod support;

mod alertmanager;
mod alerts;
mod bodies;
mod counts;
mod exim;
mod mail;
mod outcomes;
mod peer;
mod process;
mod secrets;
