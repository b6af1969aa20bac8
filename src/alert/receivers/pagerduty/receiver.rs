//! PagerDuty as a receiver.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::alert::config::{Global, HttpConfig, Secret};
use crate::alert::notify::Notification;
use crate::alert::receivers::facts::cut;
use crate::alert::receivers::http::{Address, Http, of_answer};
use crate::alert::receivers::pagerduty::config::PagerDutyConfig;
use crate::alert::receivers::pagerduty::event::{Action, Event};
use crate::alert::receivers::texts::Texts;
use crate::alert::receivers::{Delivery, Receiver, SendError};
use crate::alert::template::Templates;

/// How much of an answer is told.
const SHOWN: usize = 200;

const EVENTS: &str = "https://events.pagerduty.com/v2/enqueue";

/// Opens an incident for each alert, and closes it (PagerDuty's Events API v2,
/// <https://developer.pagerduty.com/docs/events-api-v2-overview>).
///
/// The dedup key is the alert's fingerprint, with the instance after it where replicas send for themselves: so an alert that is
/// said again, or twice, is one incident, and its end closes that and no other. The level is that of
/// [`Severity`](crate::alert::Severity)'s table; an unknown one is `error`. An alert that is acknowledged here is acknowledged
/// there.
///
/// ```
/// use tower_watch::alert::receivers::PagerDuty;
///
/// let pagerduty = PagerDuty::events("an integration key of 32 characters");
/// # drop(pagerduty);
/// ```
#[derive(Clone, Debug)]
pub struct PagerDuty {
    routing_key: Secret,
    address: Address,
    http: Http,
    config: PagerDutyConfig,
    texts: Texts,
    send_resolved: bool,
}

impl PagerDuty {
    /// Sends events with this integration key (of an integration "Events API v2").
    pub fn events(routing_key: impl Into<Secret>) -> Self {
        Self {
            routing_key: routing_key.into(),
            address: Address::new(EVENTS.into()),
            http: Http::new(HttpConfig::default()),
            config: PagerDutyConfig::default(),
            texts: Texts::default(),
            send_resolved: true,
        }
    }

    /// Sends to this URL, in place of `https://events.pagerduty.com/v2/enqueue`.
    #[must_use]
    pub fn url(mut self, url: impl Into<Secret>) -> Self {
        self.address = Address::new(url.into());
        self
    }

    /// Where an incident leads, in place of the URL of this process. A template, as in Alertmanager's configuration.
    #[must_use]
    pub fn client_url(mut self, template: impl Into<String>) -> Self {
        self.config.client_url = Some(template.into());
        self
    }

    /// The summary of an incident, at most 1,024 characters. A template; by default the alert's name, service and summary.
    #[must_use]
    pub fn description(mut self, template: impl Into<String>) -> Self {
        self.config.description = Some(template.into());
        self
    }

    /// Adds a detail. A template. Labels, annotations and the value are always there.
    #[must_use]
    pub fn detail(mut self, name: impl Into<String>, template: impl Into<String>) -> Self {
        self.config.details.insert(name.into(), template.into());
        self
    }

    /// Whether incidents are closed when their alert is over. True by default.
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
        mut config: PagerDutyConfig,
        global: &Global,
        templates: &Arc<Templates>,
    ) -> Result<Self, String> {
        if config.service_key.is_some() || config.service_key_file.is_some() {
            return Err("service_key and service_key_file are for PagerDuty's Events API v1, which is not spoken here; \
                 add an integration \"Events API v2\" to the service and write its key as routing_key"
                .to_owned());
        }
        let key = Secret::either("routing_key", config.routing_key.take(), config.routing_key_file.take())?;
        let key = key.ok_or(
            "routing_key is missing; add routing_key, or routing_key_file with a file that holds it",
        )?;
        let url = config.url.take().unwrap_or_else(|| global.pagerduty_url.as_str().into());
        let http_config = config.http_config.take().unwrap_or_else(|| global.http_config.clone());
        let send_resolved = config.send_resolved.unwrap_or(true);
        Ok(Self {
            config,
            texts: Texts::new(Arc::clone(templates)),
            ..Self::events(key).url(url).http_config(http_config).send_resolved(send_resolved)
        })
    }

    async fn say(
        &self,
        notification: &Notification,
        action: impl Fn(crate::alert::Status) -> Action,
    ) -> Result<(), SendError> {
        let key = self.routing_key.read().map_err(|error| SendError::retry(error.to_string()))?;
        for notice in &notification.alerts {
            let action = action(notice.status);
            let event = Event::new(action, key.clone(), notice, notification, &self.config, &self.texts);
            let answer = self.http.post_json(&self.address, &event).await?;
            of_answer(&answer, self.http.wall()).map_err(|error| explained(error, &answer.body, &key))?;
        }
        Ok(())
    }
}

/// PagerDuty says what it dislikes about an event (`{"errors": ["..."]}`), and that names no secret but the key.
fn explained(error: SendError, body: &[u8], key: &str) -> SendError {
    #[derive(Deserialize)]
    struct Answer {
        errors: Vec<String>,
    }

    match (error, serde_json::from_slice::<Answer>(body)) {
        (SendError::Refused { reason }, Ok(answer)) => {
            let errors = answer.errors.join("; ");
            let errors = if key.is_empty() { errors } else { errors.replace(key, "<secret>") };
            let errors: String = errors.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            SendError::refused(format!("{reason}: {}", cut(&errors, SHOWN)))
        }
        (error, _) => error,
    }
}

impl Receiver for PagerDuty {
    fn kind(&self) -> &'static str {
        "pagerduty"
    }

    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(self.say(notification, Action::of))
    }

    fn acknowledge<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(self.say(notification, |_| Action::Acknowledge))
    }

    fn check(&self) -> Result<(), Vec<String>> {
        let mut problems = Vec::new();
        if let Secret::Value(key) = &self.routing_key
            && key.trim().is_empty()
        {
            problems
                .push("routing_key is empty; write the key of an integration \"Events API v2\"".to_owned());
        }
        problems.extend(self.address.problem().map(|problem| format!("url: {problem}")));
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

    fn takes_single_alerts(&self) -> bool {
        true
    }
}
