//! The access line as any subscriber sees it: one per exchange at its true end, and only those that are wanted.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kept;
mod lines;
mod wanted;
