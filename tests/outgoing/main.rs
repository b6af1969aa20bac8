//! The HTTP client that everything goes out with, over real sockets: answers, faults, TLS, proxies.
#![cfg(feature = "outgoing")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod faults;
mod peer;
mod proxies;
mod tls;
