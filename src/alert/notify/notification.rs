//! One message, before it is put into anybody's language.

use std::sync::Arc;

use crate::alert::{Alert, Annotations, Severity, Status};
use crate::series::Labels;

/// What a receiver is told at once: alerts of one group.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Notification {
    /// The receiver's name in the configuration.
    pub receiver: Arc<str>,
    /// The group, as Alertmanager writes it: `{}/{severity="critical"}:{alertname="Down"}`.
    pub group_key: Arc<str>,
    /// The labels that the group's alerts have alike because they are grouped by them.
    pub group_labels: Labels,
    /// Each alert, and what is said of it. Never empty.
    pub alerts: Vec<Notice>,
    /// Why it is sent now.
    pub reason: Reason,
    /// When it was put together (milliseconds since the Unix epoch).
    pub time: i64,
    /// Where this process can be looked at; the start of links. May be empty.
    pub external_url: Arc<str>,
    /// What tells this process from its replicas, where each of them sends for itself: part of keys that must not collide.
    pub instance: Option<Arc<str>>,
}

/// An alert in a notification. What is said of it can be older than what is known: a firing that was resolved before it was
/// delivered is still sent as firing first.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Notice {
    /// The alert, as it was when this was decided.
    pub alert: Arc<Alert>,
    /// What is said of it.
    pub status: Status,
}

/// Why a notification is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Reason {
    /// Something in the group is new, or over.
    News,
    /// It was said long ago, and still holds.
    Repeat,
    /// Nobody acknowledged it, and this receiver is next.
    Escalation,
    /// Somebody asked for a test.
    Test,
}

impl Reason {
    /// Its name, in small letters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::Repeat => "repeat",
            Self::Escalation => "escalation",
            Self::Test => "test",
        }
    }
}

impl Notice {
    /// This said of an alert.
    pub fn new(alert: Alert, status: Status) -> Self {
        Self { alert: Arc::new(alert), status }
    }
}

impl Notification {
    /// A message as the engine would send it: to try a receiver of one's own with. All its alerts are one group; `time` is in
    /// milliseconds since the Unix epoch.
    pub fn new(receiver: impl Into<Arc<str>>, alerts: Vec<Notice>, time: i64) -> Self {
        Self {
            receiver: receiver.into(),
            group_key: "{}:{}".into(),
            group_labels: Labels::default(),
            alerts,
            reason: Reason::News,
            time,
            external_url: "".into(),
            instance: None,
        }
    }

    /// Firing where any alert is.
    #[must_use]
    pub fn status(&self) -> Status {
        let fires = self.alerts.iter().any(|notice| notice.status == Status::Firing);
        if fires { Status::Firing } else { Status::Resolved }
    }

    /// The labels that all alerts have alike.
    #[must_use]
    pub fn common_labels(&self) -> Labels {
        let Some((first, others)) = self.alerts.split_first() else { return Labels::default() };
        let labels = &first.alert.labels;
        labels.filter(|name| others.iter().all(|other| other.alert.labels.get(name) == labels.get(name)))
    }

    /// What is said of all alerts alike.
    #[must_use]
    pub fn common_annotations(&self) -> Annotations {
        let Some((first, others)) = self.alerts.split_first() else { return Annotations::new() };
        let mut common = first.alert.annotations.clone();
        common
            .retain(|name, text| others.iter().all(|other| other.alert.annotations.get(name) == Some(text)));
        common
    }
}

/// What a receiver of this name is sent so that somebody sees whether it arrives: an alert that fires, and is in no group of
/// anybody's.
pub(crate) fn test_notification(receiver: &str, now: i64) -> Notification {
    let summary = "This is a test of the notifications of this service. Nothing is wrong.";
    let mut alert = Alert::new("TowerWatchTest")
        .severity(Severity::Info)
        .label("receiver", receiver)
        .annotate("summary", summary);
    alert.starts_at = now;
    alert.updated_at = now;
    Notification {
        receiver: receiver.into(),
        group_key: "{}:{alertname=\"TowerWatchTest\"}".into(),
        group_labels: Labels::new([("alertname", "TowerWatchTest")]),
        alerts: vec![Notice { alert: Arc::new(alert), status: Status::Firing }],
        reason: Reason::Test,
        time: now,
        external_url: "".into(),
        instance: None,
    }
}
