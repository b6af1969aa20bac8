//! Slack as a receiver.

use std::sync::Arc;
use std::time::Duration;

use crate::alert::config::{Global, HttpConfig, Secret};
use crate::alert::notify::Notification;
use crate::alert::receivers::http::{Address, Http};
use crate::alert::receivers::slack::answer::outcome;
use crate::alert::receivers::slack::config::{Field, SlackConfig};
use crate::alert::receivers::slack::message::Message;
use crate::alert::receivers::texts::Texts;
use crate::alert::receivers::{Delivery, Receiver, SendError};
use crate::alert::template::Templates;

/// Slack takes one a second (<https://api.slack.com/apis/rate-limits>).
const PACE: Duration = Duration::from_secs(1);

/// Posts to an incoming webhook of Slack (<https://api.slack.com/messaging/webhooks>), or of what speaks as it does
/// (Mattermost, Rocket.Chat), at most once a second.
///
/// A message has the colour of the worst severity ([`Severity`](crate::alert::Severity) has the table; green when all is over),
/// name, summary and description, links, and fields for severity, source, time and labels. Each text can be replaced by a
/// template, as in Alertmanager's configuration. What labels and annotations hold is escaped, so that it can neither mention
/// people nor pretend to be a link.
///
/// ```
/// use tower_watch::alert::receivers::Slack;
///
/// let slack = Slack::webhook("https://hooks.slack.com/services/T0/B0/secret").channel("#on-call");
/// # drop(slack);
/// ```
#[derive(Clone, Debug)]
pub struct Slack {
    address: Address,
    http: Http,
    config: SlackConfig,
    texts: Texts,
    send_resolved: bool,
}

impl Slack {
    /// Posts to this webhook. The URL is a secret: who knows it can post.
    pub fn webhook(url: impl Into<Secret>) -> Self {
        Self {
            address: Address::new(url.into()),
            http: Http::new(HttpConfig::default()),
            config: SlackConfig::default(),
            texts: Texts::default(),
            send_resolved: true,
        }
    }

    /// Posts to this channel or person, where the webhook lets one choose.
    #[must_use]
    pub fn channel(mut self, template: impl Into<String>) -> Self {
        self.config.channel = Some(template.into());
        self
    }

    /// Posts under this name, where the webhook lets one choose.
    #[must_use]
    pub fn username(mut self, template: impl Into<String>) -> Self {
        self.config.username = Some(template.into());
        self
    }

    /// The title of a message, at most 1,024 characters. A template.
    #[must_use]
    pub fn title(mut self, template: impl Into<String>) -> Self {
        self.config.title = Some(template.into());
        self
    }

    /// Where the title leads. A template.
    #[must_use]
    pub fn title_link(mut self, template: impl Into<String>) -> Self {
        self.config.title_link = Some(template.into());
        self
    }

    /// The text of a message, at most 8,000 characters, in place of summaries and fields. A template.
    #[must_use]
    pub fn text(mut self, template: impl Into<String>) -> Self {
        self.config.text = Some(template.into());
        self
    }

    /// Adds a field; the first one replaces ours. Both are templates.
    #[must_use]
    pub fn field(mut self, title: impl Into<String>, value: impl Into<String>) -> Self {
        let field = Field { title: title.into(), value: value.into(), short: Some(true) };
        self.config.fields.get_or_insert_default().push(field);
        self
    }

    /// Whether it is told when an alert is over. True by default.
    #[must_use]
    pub fn send_resolved(mut self, send_resolved: bool) -> Self {
        self.send_resolved = send_resolved;
        self
    }

    /// Credentials, certificates and proxy.
    #[must_use]
    pub fn http_config(mut self, config: HttpConfig) -> Self {
        self.http = Http::new(config);
        self
    }

    pub(crate) fn from_config(
        mut config: SlackConfig,
        global: &Global,
        templates: &Arc<Templates>,
    ) -> Result<Self, String> {
        let url = Secret::either("api_url", config.api_url.take(), config.api_url_file.take())?;
        let url = url.or_else(|| global.slack_api_url.clone());
        let url =
            url.ok_or("api_url is missing; add api_url or api_url_file, here or as slack_api_url in global")?;
        let http_config = config.http_config.take().unwrap_or_else(|| global.http_config.clone());
        let send_resolved = config.send_resolved.unwrap_or(false);
        Ok(Self {
            config,
            texts: Texts::new(Arc::clone(templates)),
            ..Self::webhook(url).http_config(http_config).send_resolved(send_resolved)
        })
    }

    async fn post(&self, notification: &Notification) -> Result<(), SendError> {
        let message = Message::new(notification, &self.config, &self.texts);
        let answer = self.http.post_json(&self.address, &message).await?;
        outcome(&answer, self.http.wall())
    }
}

impl Receiver for Slack {
    fn kind(&self) -> &'static str {
        "slack"
    }

    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(self.post(notification))
    }

    fn check(&self) -> Result<(), Vec<String>> {
        let mut problems = self.config.problems();
        problems.extend(self.address.problem().map(|problem| format!("api_url: {problem}")));
        problems.extend(self.http.problem());
        problems.extend(self.texts.problems(self.config.texts()));
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn timeout(&self) -> Option<Duration> {
        self.config.timeout.filter(|timeout| !timeout.is_zero())
    }

    fn send_resolved(&self) -> bool {
        self.send_resolved
    }

    fn pace(&self) -> Option<Duration> {
        Some(PACE)
    }
}
