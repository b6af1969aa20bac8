//! One of several replicas is the sender: in memory, in PostgreSQL, in Redis.

#![cfg(all(feature = "postgres", feature = "redis"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod behaviour;
mod servers;
