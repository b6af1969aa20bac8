//! What rules find, code raises, and receivers are told.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::alert::{Fingerprint, Severity, wire};
use crate::series::Labels;

/// What is said about an alert beside what it is: by name, in the order of names.
pub type Annotations = BTreeMap<String, String>;

/// Whether a problem is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is there.
    Firing,
    /// It is over.
    Resolved,
}

impl Status {
    /// `firing` or `resolved`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where an alert comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Source {
    /// A rule's expression.
    #[default]
    Rule,
    /// The program ([`Alerts::raise`](crate::alert::Alerts::raise)).
    Code,
    /// The API that `amtool` and others speak.
    Api,
    /// Another replica, which this one sends for.
    Peer,
}

/// One alert, as Alertmanager knows it: who it is (its labels), what is said about it, and since when.
///
/// Times are in milliseconds since the Unix epoch, on the watch's own timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Alert {
    /// Its identity, `alertname` included.
    #[serde(with = "wire::labels")]
    pub labels: Labels,
    /// What is said about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: Annotations,
    /// Since when it fires.
    pub starts_at: i64,
    /// When it ended, or will unless it is renewed; `None` while nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<i64>,
    /// When it was heard of last.
    pub updated_at: i64,
    /// Where to look for its cause: the rule's expression, as a link.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub generator_url: String,
    /// What the expression was worth when it was evaluated last with a result, at the end included.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "wire::value")]
    pub value: Option<f64>,
    /// Receivers by name that it goes to, in place of where the routes would send it. Mostly empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<String>,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
}

impl Alert {
    /// An alert of this name, to be raised by code. When it starts is filled in when it is raised.
    ///
    /// For alerts that an expression decides, see [`Alert::rule`] and [`Alert::metric`].
    pub fn new(name: impl Into<std::sync::Arc<str>>) -> Self {
        Self::with_labels(Labels::new([(std::sync::Arc::from("alertname"), name.into())]))
    }

    pub(crate) fn with_labels(labels: Labels) -> Self {
        Self {
            labels,
            annotations: Annotations::new(),
            starts_at: 0,
            ends_at: None,
            updated_at: 0,
            generator_url: String::new(),
            value: None,
            notify: Vec::new(),
            source: Source::Code,
        }
    }

    /// Adds a label, or replaces it. Alerts with the same labels are one.
    #[must_use]
    pub fn label(mut self, name: &str, value: impl Into<std::sync::Arc<str>>) -> Self {
        self.labels = self.labels.with(name, value);
        self
    }

    /// Says how bad it is: the label `severity`.
    #[must_use]
    pub fn severity(self, severity: impl Into<Severity>) -> Self {
        self.label("severity", severity.into().as_str())
    }

    /// Says something about it (`summary`, `description`, `runbook_url`).
    #[must_use]
    pub fn annotate(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.annotations.insert(name.into(), text.into());
        self
    }

    /// Its name: the label `alertname`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.labels.get("alertname")
    }

    /// Its identity.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.labels)
    }

    /// Whether it is there at this time (milliseconds since the Unix epoch).
    #[must_use]
    pub fn status_at(&self, time: i64) -> Status {
        match self.ends_at {
            Some(end) if end <= time => Status::Resolved,
            _ => Status::Firing,
        }
    }
}
