//! Slack, over an incoming webhook (<https://api.slack.com/messaging/webhooks>).

mod answer;
mod config;
mod fields;
mod markup;
mod message;
mod receiver;

pub(crate) use crate::alert::receivers::slack::config::SlackConfig;
pub use crate::alert::receivers::slack::receiver::Slack;
