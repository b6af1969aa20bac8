//! From alerts to debts: who is told of what, and when.
//!
//! As Alertmanager does it (<https://prometheus.io/docs/alerting/latest/alertmanager/>): routes, groups, inhibition, silences,
//! times. Beyond it: acknowledgement, escalation, flap detection, and that an alert which somebody was told of is always told
//! to be over.
//!
//! Alerts come in through the [`Book`], which knows what is there and says what is new. The [`Dispatcher`] takes that news,
//! puts it into groups, and lets groups speak when they are due: what they say becomes debts in the outbox. Nothing here
//! reads a clock, sends anything or writes a file; all that is to be remembered is put into
//! [`Writes`](crate::alert::state::Writes), which the engine commits before anybody acts upon it.
//!
//! It costs a look-up for each alert that is evaluated and is no news, and some microseconds for one that is.

mod acknowledgement;
mod additions;
mod audit;
mod book;
mod decision;
mod dispatcher;
mod escalation;
mod explain;
mod feeds;
mod flapping;
mod group;
#[cfg(feature = "axum")]
mod group_view;
mod groups;
mod history;
mod inhibition;
mod ledger;
mod matching;
mod silence;
mod silences;
mod speaking;
mod strays;
mod targets;
#[cfg(test)]
mod tests;
mod tree;

pub use crate::alert::dispatch::acknowledgement::Acknowledgement;
pub(crate) use crate::alert::dispatch::additions::Additions;
pub use crate::alert::dispatch::audit::AuditEntry;
pub(crate) use crate::alert::dispatch::book::Book;
pub(crate) use crate::alert::dispatch::dispatcher::Dispatcher;
#[cfg(feature = "axum")]
pub(crate) use crate::alert::dispatch::dispatcher::Standing;
pub use crate::alert::dispatch::explain::{Explained, Explanation, Verdict};
pub use crate::alert::dispatch::silence::{Silence, SilenceError, SilenceState};
pub(crate) use crate::alert::dispatch::targets::target;
