//! A sign of life, for something outside that notices when it stops.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::alert::Status;
use crate::alert::config::{HttpConfig, Secret};
use crate::alert::notify::Notification;
use crate::alert::receivers::http::{Address, Http, of_answer};
use crate::alert::receivers::{Delivery, Feed, FeedOf, Receiver, SendError};

/// How often by default.
const EVERY: Duration = Duration::from_secs(60);

/// Asks for a URL while the alert `Watchdog`, which always fires, does: so while rules are evaluated and notifications go out.
/// A dead process cannot say that it is dead; whoever waits for these pings can (healthchecks.io, Dead Man's Snitch, Uptime Kuma,
/// a `GET` of your own).
///
/// ```
/// use std::time::Duration;
///
/// use tower_watch::alert::receivers::Heartbeat;
///
/// let heartbeat = Heartbeat::ping("https://hc-ping.com/your-uuid").every(Duration::from_secs(60));
/// # drop(heartbeat);
/// ```
#[derive(Clone, Debug)]
pub struct Heartbeat {
    address: Address,
    http: Http,
    method: Method,
    every: Duration,
    of: String,
}

impl Heartbeat {
    /// Asks for this URL (`GET`). It counts as a secret.
    pub fn ping(url: impl Into<Secret>) -> Self {
        Self {
            address: Address::new(url.into()),
            http: Http::new(HttpConfig::default()),
            method: Method::GET,
            every: EVERY,
            of: "Watchdog".to_owned(),
        }
    }

    /// How often. Each minute by default.
    #[must_use]
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// Posts an empty body in place of `GET`.
    #[must_use]
    pub fn post(mut self) -> Self {
        self.method = Method::POST;
        self
    }

    /// Goes by the alert of this name in place of `Watchdog`.
    #[must_use]
    pub fn of(mut self, alertname: impl Into<String>) -> Self {
        self.of = alertname.into();
        self
    }

    /// Credentials, certificates and proxy.
    #[must_use]
    pub fn http_config(mut self, config: HttpConfig) -> Self {
        self.http = Http::new(config);
        self
    }

    async fn beat(&self, notification: &Notification) -> Result<(), SendError> {
        if notification.status() == Status::Resolved {
            return Ok(());
        }
        let answer =
            self.http.send(self.method.clone(), &self.address, HeaderMap::new(), Bytes::new()).await?;
        of_answer(&answer, self.http.wall())
    }
}

impl Receiver for Heartbeat {
    fn kind(&self) -> &'static str {
        "heartbeat"
    }

    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(self.beat(notification))
    }

    fn check(&self) -> Result<(), Vec<String>> {
        let zero = self.every.is_zero().then(|| "a heartbeat every 0 s; give a time".to_owned());
        let url = self.address.problem().map(|problem| format!("the URL of the heartbeat: {problem}"));
        let problems: Vec<_> = zero.into_iter().chain(url).chain(self.http.problem()).collect();
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn send_resolved(&self) -> bool {
        false
    }

    fn feed(&self) -> Option<Feed> {
        Some(Feed { repeat: self.every, of: FeedOf::Named(self.of.clone()) })
    }
}
