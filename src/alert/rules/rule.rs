//! One rule.

use std::time::Duration;

use crate::alert::Annotations;
use crate::promql::Query;

/// A rule of either kind.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "most rules are of the larger kind, and none is moved often")]
pub enum Rule {
    /// What it finds are alerts.
    Alerting(AlertingRule),
    /// What it finds is a series.
    Recording(RecordingRule),
}

/// A rule whose every result is an alert.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AlertingRule {
    /// The alerts' `alertname`.
    pub name: String,
    /// What has to have a result.
    pub query: Query,
    /// What is enough to keep an alert that fires, where that is less than it takes to fire: the threshold of the end.
    /// A result of it counts for the alert with the same labels.
    pub keep_query: Option<Query>,
    /// How long it has to have one without a break before the alert fires.
    pub for_: Duration,
    /// How long the alert goes on firing after the last result.
    pub keep_firing_for: Duration,
    /// Labels that are added; values are templates.
    pub labels: Vec<(String, String)>,
    /// What is said; values are templates.
    pub annotations: Annotations,
    /// Receivers by name that its alerts go to, in place of where the routes would send them.
    pub notify: Vec<String>,
    /// Where it was written.
    pub origin: Origin,
}

/// A rule whose result is appended to the series store under a name of its own.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecordingRule {
    /// The series' name.
    pub name: String,
    /// What is recorded.
    pub query: Query,
    /// Labels that are added, as they are.
    pub labels: Vec<(String, String)>,
    /// Where it was written.
    pub origin: Origin,
}

/// Where a rule was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// In the program.
    #[default]
    Code,
    /// In its group's file, at this line and column, from 1.
    File {
        /// The line.
        line: u64,
        /// The column.
        column: u64,
    },
    /// In the ready set.
    Ready,
}

impl Rule {
    /// The name of its alerts or of its series.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Alerting(rule) => &rule.name,
            Self::Recording(rule) => &rule.name,
        }
    }

    /// Its expression.
    #[must_use]
    pub fn query(&self) -> &Query {
        match self {
            Self::Alerting(rule) => &rule.query,
            Self::Recording(rule) => &rule.query,
        }
    }
}

impl AlertingRule {
    /// A rule that fires as soon as the query has a result.
    pub fn new(name: impl Into<String>, query: Query) -> Self {
        Self {
            name: name.into(),
            query,
            keep_query: None,
            for_: Duration::ZERO,
            keep_firing_for: Duration::ZERO,
            labels: Vec::new(),
            annotations: Annotations::new(),
            notify: Vec::new(),
            origin: Origin::Code,
        }
    }
}

impl RecordingRule {
    /// A rule that records the query's result under this name.
    pub fn new(name: impl Into<String>, query: Query) -> Self {
        Self { name: name.into(), query, labels: Vec::new(), origin: Origin::Code }
    }
}
