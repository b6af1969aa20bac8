//! The section `webhook_configs`.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::alert::config::{HttpConfig, Secret, duration};

/// An item of `webhook_configs` (<https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WebhookConfig {
    pub(crate) send_resolved: Option<bool>,
    pub(crate) http_config: Option<HttpConfig>,
    pub(crate) url: Option<Secret>,
    pub(crate) url_file: Option<PathBuf>,
    /// 0 for all.
    pub(crate) max_alerts: u64,
    #[serde(deserialize_with = "duration::optional")]
    pub(crate) timeout: Option<Duration>,
}
