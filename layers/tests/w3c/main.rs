//! Trace context and baggage against the rules of the recommendations, at their limits and beyond.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod anything;
mod baggage;
mod carriers;
mod traceparent;
mod tracestate;
