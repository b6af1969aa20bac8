//! Who is told, and in whose language.
//!
//! A [`Receiver`] turns one [`Notification`](crate::alert::notify::Notification) into one message and says how that came
//! out. It keeps nothing, retries nothing and knows of no queue: that is the business of [`crate::alert::notify`].
//!
//! | receiver | what it speaks | in a file |
//! |---|---|---|
//! | [`Slack`] | incoming webhooks | `slack_configs` |
//! | [`PagerDuty`] | Events API v2 | `pagerduty_configs` |
//! | `Email` (feature `mail`) | SMTP | `email_configs` |
//! | [`Webhook`] | Alertmanager's JSON, version 4 | `webhook_configs` |
//! | [`AlertmanagerPush`] | Alertmanager's API v2 | |
//! | [`Heartbeat`] | a `GET` each minute while the engine lives | |
//! | [`Log`] | one line of `tracing` for each alert | |
//! | [`Closure`] | Rust | |
//!
//! What comes from strangers (labels, and with them annotations) is escaped for each of them. No secret is in what `Debug`
//! shows, in what is logged or in the reason of a [`SendError`]; a URL counts as one.

mod alertmanager;
mod build;
mod closure;
#[cfg(feature = "mail")]
mod email;
#[cfg(not(feature = "mail"))]
#[path = "no_email.rs"]
mod email;
mod facts;
mod heartbeat;
mod http;
mod log;
mod pagerduty;
mod receiver;
mod slack;
mod texts;
mod webhook;

pub use crate::alert::receivers::alertmanager::{AlertmanagerPush, AlertmanagerReplica};
pub(crate) use crate::alert::receivers::build::{Sections, build};
pub use crate::alert::receivers::closure::Closure;
#[cfg(feature = "mail")]
pub use crate::alert::receivers::email::{Email, Threads};
pub use crate::alert::receivers::heartbeat::Heartbeat;
pub use crate::alert::receivers::log::Log;
pub use crate::alert::receivers::pagerduty::PagerDuty;
pub use crate::alert::receivers::receiver::{Delivery, Feed, FeedOf, IntoReceivers, Receiver, SendError};
pub use crate::alert::receivers::slack::Slack;
pub use crate::alert::receivers::webhook::Webhook;
