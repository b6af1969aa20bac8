//! The state machine of each rule, over the series store.
//!
//! Inactive, pending, firing, resolved: as in Prometheus (<https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/>),
//! with what it lacks. State is remembered at each transition, so a restart forgets neither how long a condition has held nor
//! what fires. What fires or is over goes on as [`Alert`](crate::alert::Alert)s; what happens to those is not known here.

mod manager;

pub(crate) use crate::alert::evaluation::manager::{Evaluation, EvaluationSettings};
