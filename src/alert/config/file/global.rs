//! The section `global` as it stands in a file.

use std::path::PathBuf;

use http::Uri;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::alert::config::duration::Written;
use crate::alert::config::yaml::Placed;
use crate::alert::config::{Global, HttpConfig, Problem, Secret, TlsConfig};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GlobalSection {
    resolve_timeout: Option<Written>,
    http_config: Option<HttpConfig>,
    slack_api_url: Option<Placed<Secret>>,
    slack_api_url_file: Option<Placed<PathBuf>>,
    pagerduty_url: Option<Placed<String>>,
    smtp_smarthost: Option<Placed<String>>,
    smtp_from: Option<String>,
    smtp_hello: Option<String>,
    smtp_auth_username: Option<String>,
    smtp_auth_password: Option<Placed<Secret>>,
    smtp_auth_password_file: Option<Placed<PathBuf>>,
    smtp_auth_identity: Option<String>,
    smtp_auth_secret: Option<Placed<Secret>>,
    smtp_auth_secret_file: Option<Placed<PathBuf>>,
    smtp_require_tls: Option<bool>,
    smtp_tls_config: Option<TlsConfig>,
    // What only kinds of receivers read that there are not here: it may stand in a file, and their receivers are refused.
    #[serde(rename = "slack_app_token")]
    _slack_app_token: Option<IgnoredAny>,
    #[serde(rename = "slack_app_token_file")]
    _slack_app_token_file: Option<IgnoredAny>,
    #[serde(rename = "slack_app_url")]
    _slack_app_url: Option<IgnoredAny>,
    #[serde(rename = "victorops_api_key")]
    _victorops_api_key: Option<IgnoredAny>,
    #[serde(rename = "victorops_api_key_file")]
    _victorops_api_key_file: Option<IgnoredAny>,
    #[serde(rename = "victorops_api_url")]
    _victorops_api_url: Option<IgnoredAny>,
    #[serde(rename = "opsgenie_api_key")]
    _opsgenie_api_key: Option<IgnoredAny>,
    #[serde(rename = "opsgenie_api_key_file")]
    _opsgenie_api_key_file: Option<IgnoredAny>,
    #[serde(rename = "opsgenie_api_url")]
    _opsgenie_api_url: Option<IgnoredAny>,
    #[serde(rename = "rocketchat_api_url")]
    _rocketchat_api_url: Option<IgnoredAny>,
    #[serde(rename = "rocketchat_token")]
    _rocketchat_token: Option<IgnoredAny>,
    #[serde(rename = "rocketchat_token_file")]
    _rocketchat_token_file: Option<IgnoredAny>,
    #[serde(rename = "rocketchat_token_id")]
    _rocketchat_token_id: Option<IgnoredAny>,
    #[serde(rename = "rocketchat_token_id_file")]
    _rocketchat_token_id_file: Option<IgnoredAny>,
    #[serde(rename = "wechat_api_url")]
    _wechat_api_url: Option<IgnoredAny>,
    #[serde(rename = "wechat_api_secret")]
    _wechat_api_secret: Option<IgnoredAny>,
    #[serde(rename = "wechat_api_secret_file")]
    _wechat_api_secret_file: Option<IgnoredAny>,
    #[serde(rename = "wechat_api_corp_id")]
    _wechat_api_corp_id: Option<IgnoredAny>,
    #[serde(rename = "telegram_api_url")]
    _telegram_api_url: Option<IgnoredAny>,
    #[serde(rename = "telegram_bot_token")]
    _telegram_bot_token: Option<IgnoredAny>,
    #[serde(rename = "telegram_bot_token_file")]
    _telegram_bot_token_file: Option<IgnoredAny>,
    #[serde(rename = "webex_api_url")]
    _webex_api_url: Option<IgnoredAny>,
    #[serde(rename = "jira_api_url")]
    _jira_api_url: Option<IgnoredAny>,
    #[serde(rename = "mattermost_webhook_url")]
    _mattermost_webhook_url: Option<IgnoredAny>,
    #[serde(rename = "mattermost_webhook_url_file")]
    _mattermost_webhook_url_file: Option<IgnoredAny>,
}

impl GlobalSection {
    pub(crate) fn global(self, problems: &mut Vec<Problem>) -> Global {
        let default = Global { http_config: HttpConfig::of_a_file(), ..Global::default() };
        let slack = self.slack_api_url.inspect(|url| check_secret_url(url, problems));
        if let Some(url) = &self.pagerduty_url
            && let Err(message) = check_url(&url.value)
        {
            problems.push(url.problem(message));
        }
        if let Some(host) = self.smtp_smarthost.as_ref().filter(|host| !has_port(&host.value)) {
            problems.push(host.problem("this is no host and port; write them as in mail.example.com:587"));
        }
        Global {
            resolve_timeout: self.resolve_timeout.map_or(default.resolve_timeout, |Written(timeout)| timeout),
            http_config: self.http_config.unwrap_or(default.http_config),
            slack_api_url: either("slack_api_url", slack, self.slack_api_url_file, problems),
            pagerduty_url: self.pagerduty_url.map_or(default.pagerduty_url, |url| url.value),
            smtp_smarthost: self.smtp_smarthost.map(|host| host.value),
            smtp_from: self.smtp_from,
            smtp_hello: self.smtp_hello.unwrap_or(default.smtp_hello),
            smtp_auth_username: self.smtp_auth_username,
            smtp_auth_password: either(
                "smtp_auth_password",
                self.smtp_auth_password,
                self.smtp_auth_password_file,
                problems,
            ),
            smtp_auth_identity: self.smtp_auth_identity,
            smtp_auth_secret: either(
                "smtp_auth_secret",
                self.smtp_auth_secret,
                self.smtp_auth_secret_file,
                problems,
            ),
            smtp_require_tls: self.smtp_require_tls.unwrap_or(default.smtp_require_tls),
            smtp_tls_config: self.smtp_tls_config.unwrap_or_default(),
        }
    }
}

fn either(
    key: &str,
    value: Option<Placed<Secret>>,
    file: Option<Placed<PathBuf>>,
    problems: &mut Vec<Problem>,
) -> Option<Secret> {
    let at = file.as_ref().map(|file| Placed { value: (), place: file.place, key: file.key.clone() });
    let made = Secret::either(key, value.map(|value| value.value), file.map(|file| file.value));
    made.unwrap_or_else(|message| {
        problems.extend(at.map(|at| at.problem(message)));
        None
    })
}

fn check_secret_url(url: &Placed<Secret>, problems: &mut Vec<Problem>) {
    if let Secret::Value(text) = &url.value
        && let Err(message) = check_url(text)
    {
        problems.push(url.problem(message));
    }
}

/// The message does not quote it: most of these URLs are secrets.
fn check_url(text: &str) -> Result<(), String> {
    let mend = "write it whole, as in https://example.com/path";
    let url: Uri = text.parse().map_err(|_| format!("this is no URL; {mend}"))?;
    match url.scheme_str() {
        Some("http" | "https") if url.host().is_some_and(|host| !host.is_empty()) => Ok(()),
        _ => Err(format!("this is no URL of http or https with a host; {mend}")),
    }
}

fn has_port(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty())
}
