//! Alerts: Prometheus' rules and Alertmanager's routing, in the process.
//!
//! Rules are evaluated over the series store; what fires is routed, grouped, and sent to receivers, each of which is owed
//! what it has not taken yet. Rule files are Prometheus', routing is an Alertmanager configuration, and what this process
//! can do beyond them (acknowledgement, escalation) stands beside those files and never in them.
//!
//! The way of an alert, and which room it is in:
//!
//! | room | what happens there |
//! |---|---|
//! | `rules` | what is watched for: rule files, rules in code, the ready set |
//! | `template` | the text of labels, annotations and messages |
//! | `evaluation` | inactive, pending, firing, resolved: the state machine of each rule, over the series store |
//! | `config` | an Alertmanager configuration, read and checked |
//! | `dispatch` | active alerts; routes, groups, inhibition, silences, acknowledgement, escalation |
//! | `notify` | what is owed to whom, and the tasks that deliver it |
//! | `receivers` | Slack, PagerDuty, e-mail, webhooks, another Alertmanager, the log, a closure |
//! | `election` | which of several replicas sends |
//! | `errors` | critical errors and panics of requests, as alerts |
//! | `state` | all of that on disk, written before it is acted upon |
//! | `engine` | the threads, and the handle [`Alerts`] |
//!
//! Where it differs from what it speaks the language of:
//!
//! | | there | here | room |
//! |---|---|---|---|
//! | restart | Prometheus restores pending alerts of rules with `for`; what fired may be lost | pending, firing and what is owed go on where they were | `evaluation`, `state` |
//! | no data right after a restart | resolves what fired | held until its data are back, for 5 minutes at most | `evaluation` |
//! | the value at the end | that of the last firing | what the expression is worth then | `evaluation` |
//! | end of an alert that is silenced, inhibited or muted | is never told | told to whoever was told that it fires | `dispatch` |
//! | acknowledgement, escalation, flapping | none | in code, or in a file beside the configuration | `dispatch`, `config` |
//! | an alert that fires and ends while its receiver is down | may never be told | a debt: its firing is told, then its end, once the receiver is back | `notify` |
//! | kinds of receivers | 20 | Slack, PagerDuty, e-mail, webhook; others are refused by name or pushed to an Alertmanager | `config` |
//! | replicas | a cluster that gossips | one elected sender, a push to Alertmanager, or each for itself | `election` |
//!
//! Each room's own documentation has the details.
//!
//! An arrow runs one way: `engine -> {evaluation, dispatch, notify, receivers} -> {config, rules, template, state}`. Nothing
//! here is on the path of a request: who raises an alert from a handler leaves it in an inbox and goes on.

#[expect(clippy::module_inception, reason = "it is what all of this is about")]
mod alert;
pub mod config;
pub(crate) mod dispatch;
pub mod election;
pub(crate) mod engine;
pub mod errors;
pub(crate) mod evaluation;
pub(crate) mod files;
mod fingerprint;
pub mod notify;
pub mod receivers;
pub mod rules;
mod severity;
pub(crate) mod state;
pub mod template;
mod wire;

pub use crate::alert::alert::{Alert, Annotations, Source, Status};
pub use crate::alert::dispatch::{
    Acknowledgement, AuditEntry, Explained, Explanation, Silence, SilenceError, SilenceState, Verdict,
};
pub use crate::alert::engine::{AlertSettings, Alerts, ReloadError, Subscription, TestError};
pub use crate::alert::evaluation::{AlertState, AlertStatus, GroupStatus, RuleHealth, RuleKind, RuleStatus};
pub use crate::alert::files::LoadError;
pub use crate::alert::fingerprint::Fingerprint;
pub use crate::alert::severity::Severity;
