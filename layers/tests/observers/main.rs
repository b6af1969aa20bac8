//! What the observers do: ids, tenants, and every number that an exchange moves.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binding;
mod caps;
mod endpoints;
mod ends;
mod functions;
mod harness;
mod hot_path;
mod names;
mod policies;
mod request_id;
mod tenant;
mod warnings;
