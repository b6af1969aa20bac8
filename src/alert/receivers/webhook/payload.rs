//! What a webhook is told: version 4 of Alertmanager's message, key by key
//! (<https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::alert::notify::{Notice, Notification};
use crate::alert::receivers::facts::rfc3339;
use crate::alert::{Annotations, Status, wire};
use crate::series::Labels;

/// The end of what has not ended, in Go's words.
const NEVER: &str = "0001-01-01T00:00:00Z";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payload<'a> {
    receiver: &'a str,
    status: Status,
    alerts: Vec<PayloadAlert<'a>>,
    #[serde(with = "wire::labels")]
    group_labels: Labels,
    #[serde(with = "wire::labels")]
    common_labels: Labels,
    common_annotations: Annotations,
    #[serde(rename = "externalURL")]
    external_url: &'a str,
    version: &'static str,
    group_key: &'a str,
    truncated_alerts: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PayloadAlert<'a> {
    status: Status,
    #[serde(with = "wire::labels")]
    labels: Labels,
    annotations: &'a BTreeMap<String, String>,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: &'a str,
    fingerprint: String,
}

impl<'a> Payload<'a> {
    /// At most so many alerts; 0 for all.
    pub(crate) fn new(notification: &'a Notification, max_alerts: u64) -> Self {
        let all = notification.alerts.len();
        let told = match usize::try_from(max_alerts) {
            Ok(most) if most > 0 => all.min(most),
            _ => all,
        };
        Self {
            receiver: &notification.receiver,
            status: notification.status(),
            alerts: notification.alerts[..told].iter().map(PayloadAlert::new).collect(),
            group_labels: notification.group_labels.clone(),
            common_labels: notification.common_labels(),
            common_annotations: notification.common_annotations(),
            external_url: &notification.external_url,
            version: "4",
            group_key: &notification.group_key,
            truncated_alerts: (all - told) as u64,
        }
    }
}

impl<'a> PayloadAlert<'a> {
    fn new(notice: &'a Notice) -> Self {
        let alert = &*notice.alert;
        let ends_at = match notice.status {
            Status::Firing => NEVER.to_owned(),
            Status::Resolved => rfc3339(alert.ends_at.unwrap_or(alert.updated_at)),
        };
        Self {
            status: notice.status,
            labels: alert.labels.clone(),
            annotations: &alert.annotations,
            starts_at: rfc3339(alert.starts_at),
            ends_at,
            generator_url: &alert.generator_url,
            fingerprint: alert.fingerprint().to_string(),
        }
    }
}
