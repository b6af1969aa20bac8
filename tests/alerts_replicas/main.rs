//! Of several replicas one sends: for all, once, and another goes on where it was killed.

#![cfg(feature = "alerts")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod elected;
