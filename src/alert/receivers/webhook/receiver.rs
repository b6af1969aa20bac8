//! The webhook as a receiver.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::alert::config::{Global, HttpConfig, Secret};
use crate::alert::notify::Notification;
use crate::alert::receivers::http::{Address, Http, json, of_answer};
use crate::alert::receivers::webhook::WebhookConfig;
use crate::alert::receivers::webhook::payload::Payload;
use crate::alert::receivers::webhook::signature::sign;
use crate::alert::receivers::{Delivery, Receiver, SendError};

/// Posts version 4 of Alertmanager's webhook message
/// (<https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>), which many tools take as it is.
///
/// With [`hmac`](Self::hmac) each message is signed: `x-tower-watch-timestamp` has the time in seconds since the Unix epoch,
/// `x-tower-watch-signature` has `sha256=` and the HMAC-SHA256, in hexadecimal digits, of the timestamp's digits, a full stop,
/// and the body. A receiver refuses what is older than a few minutes, so that a message that was overheard cannot be sent again.
///
/// ```
/// use tower_watch::alert::receivers::Webhook;
///
/// let webhook = Webhook::to("https://ops.example.com/alerts").header("x-team", "shop").hmac("a shared secret");
/// # drop(webhook);
/// ```
#[derive(Clone, Debug)]
pub struct Webhook {
    address: Address,
    http: Http,
    headers: HeaderMap,
    hmac: Option<Secret>,
    max_alerts: u64,
    send_resolved: bool,
    timeout: Option<Duration>,
    problems: Vec<String>,
}

impl Webhook {
    /// Posts to this URL. A user and password in it become Basic authentication; no other part of it is shown anywhere.
    pub fn to(url: impl Into<Secret>) -> Self {
        Self {
            address: Address::new(url.into()),
            http: Http::new(HttpConfig::default()),
            headers: HeaderMap::new(),
            hmac: None,
            max_alerts: 0,
            send_resolved: true,
            timeout: None,
            problems: Vec::new(),
        }
    }

    /// Sends this header, too. Its value is shown nowhere.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                self.headers.append(name, value);
            }
            (Err(_), _) => self.problems.push(format!("{name:?} is no name of a header")),
            (_, Err(_)) => self.problems.push(format!("the value of the header {name} cannot be sent")),
        }
        self
    }

    /// Signs each message with this secret.
    #[must_use]
    pub fn hmac(mut self, secret: impl Into<Secret>) -> Self {
        self.hmac = Some(secret.into());
        self
    }

    /// Tells at most so many alerts in a message, and how many are left out. All by default.
    #[must_use]
    pub fn max_alerts(mut self, most: u64) -> Self {
        self.max_alerts = most;
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

    /// How long a message may take, in place of the engine's notification timeout.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout).filter(|timeout| !timeout.is_zero());
        self
    }

    pub(crate) fn from_config(config: WebhookConfig, global: &Global) -> Result<Self, String> {
        let url = Secret::either("url", config.url, config.url_file)?;
        let url = url.ok_or("url is missing; add url, or url_file with a file that holds it")?;
        let webhook = Self::to(url)
            .http_config(config.http_config.unwrap_or_else(|| global.http_config.clone()))
            .max_alerts(config.max_alerts)
            .send_resolved(config.send_resolved.unwrap_or(true));
        Ok(match config.timeout {
            Some(timeout) => webhook.timeout(timeout),
            None => webhook,
        })
    }

    async fn post(&self, notification: &Notification) -> Result<(), SendError> {
        let body = json(&Payload::new(notification, self.max_alerts))?;
        let mut headers = self.headers.clone();
        if let Some(secret) = &self.hmac {
            let secret = secret.read().map_err(|error| SendError::retry(error.to_string()))?;
            let now = self.http.wall().duration_since(UNIX_EPOCH).unwrap_or_default();
            sign(&mut headers, &secret, now.as_secs(), &body);
        }
        let answer = self.http.send(Method::POST, &self.address, headers, body).await?;
        of_answer(&answer, self.http.wall())
    }
}

impl Receiver for Webhook {
    fn kind(&self) -> &'static str {
        "webhook"
    }

    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(self.post(notification))
    }

    fn check(&self) -> Result<(), Vec<String>> {
        let mut problems = self.problems.clone();
        problems.extend(self.address.problem().map(|problem| format!("url: {problem}")));
        problems.extend(self.http.problem());
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    fn send_resolved(&self) -> bool {
        self.send_resolved
    }
}
