//! Requests that go out, and the trace across tasks, channels and queues.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod attempts;
mod context;
mod harness;
mod headers;
mod hot_path;
mod messages;
mod numbers;
mod spans;
mod work;
