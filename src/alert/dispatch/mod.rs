//! From alerts to debts: who is told of what, and when.
//!
//! As Alertmanager does it (<https://prometheus.io/docs/alerting/latest/alertmanager/>): routes, groups, inhibition, silences,
//! times. Beyond it: acknowledgement, escalation, and that an alert which somebody was told of is always told to be over.

mod book;
mod dispatcher;

pub(crate) use crate::alert::dispatch::book::Book;
pub(crate) use crate::alert::dispatch::dispatcher::Dispatcher;
