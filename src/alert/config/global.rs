//! What holds for all receivers that do not say otherwise.

use std::time::Duration;

use crate::alert::config::{HttpConfig, Secret, TlsConfig};

/// The section `global` of an Alertmanager configuration
/// (<https://prometheus.io/docs/alerting/latest/configuration/#file-layout-and-global-settings>).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Global {
    /// After how long without news an alert from the API that has no end counts as resolved. 5 minutes.
    pub resolve_timeout: Duration,
    /// How receivers are spoken to over HTTP.
    pub http_config: HttpConfig,
    /// Slack's webhook.
    pub slack_api_url: Option<Secret>,
    /// Where PagerDuty's events go. `https://events.pagerduty.com/v2/enqueue`.
    pub pagerduty_url: String,
    /// The mail server as `host:port`.
    pub smtp_smarthost: Option<String>,
    /// Who writes mails.
    pub smtp_from: Option<String>,
    /// What the mail server is greeted with. `localhost`.
    pub smtp_hello: String,
    /// The user at the mail server.
    pub smtp_auth_username: Option<String>,
    /// The user's password.
    pub smtp_auth_password: Option<Secret>,
    /// The identity of AUTH PLAIN, where it is not the user.
    pub smtp_auth_identity: Option<String>,
    /// The secret of AUTH CRAM-MD5.
    pub smtp_auth_secret: Option<Secret>,
    /// Whether mails are refused rather than sent in clear. True.
    pub smtp_require_tls: bool,
    /// Certificates of the mail server.
    pub smtp_tls_config: TlsConfig,
}

impl Default for Global {
    fn default() -> Self {
        Self {
            resolve_timeout: Duration::from_secs(300),
            http_config: HttpConfig::default(),
            slack_api_url: None,
            pagerduty_url: "https://events.pagerduty.com/v2/enqueue".to_owned(),
            smtp_smarthost: None,
            smtp_from: None,
            smtp_hello: "localhost".to_owned(),
            smtp_auth_username: None,
            smtp_auth_password: None,
            smtp_auth_identity: None,
            smtp_auth_secret: None,
            smtp_require_tls: true,
            smtp_tls_config: TlsConfig::default(),
        }
    }
}
