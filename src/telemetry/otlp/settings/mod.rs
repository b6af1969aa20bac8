//! What there is to say about OTLP, by the program and by the environment.
//!
//! Looked at once, at the start. Each variable is described in one place, which says how it is read, what an error tells and
//! what the documentation shows.
//!
//! | file | what it holds |
//! |---|---|
//! | `config` | [`OtlpConfig`]: a destination as the program describes it |
//! | `variables`, `kinds` | the variables, and what they accept |
//! | `table` | the same as documentation |
//! | `address` | from an endpoint to the address that is called |
//! | `signals`, `overrides`, `route` | where each signal goes |
//! | `limits` | how much of a span or log record is exported |
//! | `plan` | [`OtlpPlan`]: all of it together |
//! | `start` | from the plan to what runs |

mod address;
mod config;
mod kinds;
mod limits;
mod overrides;
mod plan;
mod route;
mod signals;
mod start;
mod table;
mod variables;

pub use self::config::OtlpConfig;
pub use self::plan::OtlpPlan;
pub use self::table::variables;

pub(crate) use self::limits::{AttributeLimits, SpanLimits};
pub(crate) use self::start::OtlpSettings;
