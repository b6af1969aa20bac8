//! One of them.

use serde::Serialize;

use crate::alert::config::{HttpConfig, Secret};
use crate::alert::notify::{Notice, Notification};
use crate::alert::receivers::facts::rfc3339;
use crate::alert::receivers::http::{Address, Http, of_answer};
use crate::alert::receivers::{Delivery, Feed, Receiver, SendError};
use crate::alert::{Annotations, Status, wire};
use crate::series::Labels;

/// Alerts in one request: 1,000 of 1 KB stay far below what a proxy lets pass.
const CHUNK: usize = 1_000;

/// Said so many times before it ends by itself.
const LASTS: u32 = 4;

/// One Alertmanager of an [`AlertmanagerPush`](crate::alert::receivers::AlertmanagerPush).
#[derive(Clone, Debug)]
pub struct AlertmanagerReplica {
    address: Address,
    http: Http,
    feed: Feed,
    problem: Option<String>,
}

/// An alert as `POST /api/v2/alerts` takes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PostableAlert<'a> {
    #[serde(with = "wire::labels")]
    labels: Labels,
    annotations: &'a Annotations,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL", skip_serializing_if = "str::is_empty")]
    generator_url: &'a str,
}

impl AlertmanagerReplica {
    pub(crate) fn new(url: Secret, config: HttpConfig, feed: Feed) -> Self {
        let problem =
            feed.repeat.is_zero().then(|| "alerts are said again every 0 s; give a time".to_owned());
        Self { address: Address::new(api(url)), http: Http::new(config), feed, problem }
    }

    async fn post(&self, notification: &Notification) -> Result<(), SendError> {
        let lasts = self.feed.repeat.saturating_mul(LASTS);
        let until = notification.time.saturating_add(i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX));
        for chunk in notification.alerts.chunks(CHUNK) {
            let alerts: Vec<_> = chunk.iter().map(|notice| postable(notice, notification, until)).collect();
            let answer = self.http.post_json(&self.address, &alerts).await?;
            of_answer(&answer, self.http.wall())?;
        }
        Ok(())
    }
}

impl Receiver for AlertmanagerReplica {
    fn kind(&self) -> &'static str {
        "alertmanager"
    }

    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(self.post(notification))
    }

    fn check(&self) -> Result<(), Vec<String>> {
        let url = self.address.problem().map(|problem| format!("the URL of an Alertmanager: {problem}"));
        let problems: Vec<_> =
            self.problem.clone().into_iter().chain(url).chain(self.http.problem()).collect();
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn feed(&self) -> Option<Feed> {
        Some(self.feed.clone())
    }
}

/// The address of the API beneath that of the pages.
fn api(url: Secret) -> Secret {
    match url {
        Secret::Value(url) => Secret::Value(format!("{}/api/v2/alerts", url.trim().trim_end_matches('/'))),
        file => file,
    }
}

fn postable<'a>(notice: &'a Notice, notification: &Notification, until: i64) -> PostableAlert<'a> {
    let alert = &*notice.alert;
    let ends_at = match notice.status {
        Status::Firing => until,
        // One that ends before it starts is refused.
        Status::Resolved => alert.ends_at.unwrap_or(notification.time).max(alert.starts_at),
    };
    PostableAlert {
        labels: alert.labels.clone(),
        annotations: &alert.annotations,
        starts_at: rfc3339(alert.starts_at),
        ends_at: rfc3339(ends_at),
        generator_url: &alert.generator_url,
    }
}
