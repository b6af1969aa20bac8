//! A watched service beside what operators really run: Prometheus, promtool, load generators, curl, and a parser that
//! somebody else wrote. All of it on the loopback, each test with servers of its own.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod curl;
mod exposition;
mod load;
mod observed;
#[cfg(feature = "otlp")]
mod otlp;
#[cfg(feature = "series")]
mod promql;
#[cfg(feature = "series")]
#[path = "../support/promql/mod.rs"]
mod promql_support;
mod quickstart;
#[cfg(feature = "alerts")]
#[path = "../support/rules.rs"]
mod rule_load;
#[cfg(feature = "alerts")]
mod rules;
mod servers;
#[path = "../support/mod.rs"]
mod support;
