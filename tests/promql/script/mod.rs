//! The language of Prometheus' own PromQL tests (`promql/promqltest` there): what it says, and how to run it here.
//!
//! A script loads series, evaluates queries and says what they give. Text becomes commands in `parse`, `series` and
//! `duration`; `run` carries them out over a store, and `compare` and `expect` judge what came out.

mod command;
mod compare;
mod duration;
mod expect;
mod parse;
mod pinned;
mod run;
mod selectors;
mod series;

pub(crate) use crate::script::command::{Case, Command};
pub(crate) use crate::script::parse::parse;
pub(crate) use crate::script::run::Session;
