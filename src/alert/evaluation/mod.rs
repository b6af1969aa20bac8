//! The state machine of each rule, over the series store.
//!
//! Inactive, pending, firing, resolved: as in Prometheus (<https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/>),
//! with what it lacks. AlertState is remembered at each transition, so a restart forgets neither how long a condition has held nor
//! what fires. What fires or is over goes on as [`Alert`](crate::alert::Alert)s; what happens to those is not known here.
//!
//! In come groups of rules, the store, and a time. Nothing here reads the wall clock, and nothing is evaluated but by
//! [`Evaluation::run`], on the thread that calls it (it needs the stack of a query: 8 MiB).
//!
//! # As in Prometheus
//!
//! | | |
//! |---|---|
//! | when | at multiples of the interval, moved by a hash of the group, so that not all are due at once; what was missed is left out and counted |
//! | in a group | one rule after the other at the same moment; a rule sees what those before it have recorded |
//! | who an alert is | the labels of the result without the metric's name, under those of the rule, under `alertname` |
//! | a rule whose query fails | changes nothing: what is pending stays pending, what fires goes on, no series ends |
//! | two results that have the same labels in the end, more results than the limit | an error of the rule; past the limit its alerts are over |
//! | `ALERTS`, `ALERTS_FOR_STATE`, recorded series | appended at the time of the evaluation less the group's offset, and ended by a staleness marker when they have no value any more, or their rule is gone |
//! | an alert that goes on firing | is said again each minute, with its value and texts of that time |
//!
//! A label of a rule whose template comes out empty is no label here; in Prometheus the series `ALERTS` has the template's
//! text then.
//!
//! # Beyond it
//!
//! - A rule is known by its group's name, its own and its labels, as in Prometheus over a reload. Where these stay the same, a
//!   restart, a reload and a move to another file change nothing; what fires is measured by a changed expression from its next
//!   evaluation on.
//! - A restart: the time without an evaluation does not count towards `for` and `keep_firing_for`. What was pending or firing
//!   and has no result is held until its data are there again (until the expression without its comparisons has a result with
//!   the same labels), for at most 5 minutes, or two intervals where that is more.
//! - A wall clock that jumps forward is a restart to the alerts: nothing fires because of it.
//! - The end of an alert carries what the expression is worth then, where it has a value without its comparison.
//!
//! # What it costs
//!
//! The queries, and some 2 µs for each result that is an alert.

mod alerting;
mod board;
mod group;
mod identity;
mod instance;
mod manager;
mod memory;
mod meters;
mod presence;
mod published;
mod recording;
mod round;
mod rule;
mod schedule;
mod settings;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use crate::alert::evaluation::board::Board;
pub use crate::alert::evaluation::board::{AlertStatus, GroupStatus, RuleHealth, RuleKind, RuleStatus};
pub use crate::alert::evaluation::instance::AlertState;
pub(crate) use crate::alert::evaluation::manager::Evaluation;
pub(crate) use crate::alert::evaluation::settings::EvaluationSettings;
