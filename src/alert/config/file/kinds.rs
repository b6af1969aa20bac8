//! The kinds of receivers that an Alertmanager configuration can name
//! (<https://prometheus.io/docs/alerting/latest/configuration/#receiver>).

/// Those that are sent from here.
pub(super) const KINDS: &[&str] = &["webhook_configs", "email_configs", "pagerduty_configs", "slack_configs"];

/// Those that only Alertmanager sends.
pub(super) const UNSUPPORTED: &[&str] = &[
    "discord_configs",
    "incidentio_configs",
    "jira_configs",
    "mattermost_configs",
    "msteams_configs",
    "msteamsv2_configs",
    "opsgenie_configs",
    "pushover_configs",
    "rocketchat_configs",
    "sns_configs",
    "telegram_configs",
    "victorops_configs",
    "webex_configs",
    "wechat_configs",
];
