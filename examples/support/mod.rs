//! What every example needs to run and to check itself, and what none of them is about.
//!
//! [`run`] understands `--addr HOST:PORT` and `--check`, says on standard output where the application and the admin
//! listener are, and stops the application gracefully. [`Client`] asks the application, and [`Numbers`] is what it says at `/metrics`.
#![allow(dead_code, unused_imports, reason = "each example uses the part that it needs")]

#[cfg(feature = "axum")]
mod admin;
mod args;
mod client;
mod failure;
mod numbers;
mod run;

#[cfg(feature = "axum")]
pub(crate) use admin::admin;
pub(crate) use client::{Answer, Client};
pub(crate) use failure::{Failure, Result};
pub(crate) use numbers::Numbers;
pub(crate) use run::{Stop, run, run_with_traffic};
