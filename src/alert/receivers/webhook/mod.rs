//! Any HTTP address: Alertmanager's JSON, posted.

mod config;
mod payload;
mod receiver;
mod signature;

pub(crate) use crate::alert::receivers::webhook::config::WebhookConfig;
pub use crate::alert::receivers::webhook::receiver::Webhook;
