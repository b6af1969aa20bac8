//! Rules that are evaluated together, one after the other.

use std::path::PathBuf;
use std::time::Duration;

use crate::alert::rules::Rule;

/// Rules that are evaluated in their order at the same moment, as Prometheus means it
/// (<https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group>).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RuleGroup {
    /// Its name, once in its file.
    pub name: String,
    /// The file that it is from, where it is from one.
    pub file: Option<PathBuf>,
    /// From one evaluation to the next; the engine's own interval where it says none.
    pub interval: Option<Duration>,
    /// The most series that a recording rule may make, and the most alerts that an alerting rule may; 0 for any number.
    pub limit: usize,
    /// How far into the past its queries are asked.
    pub query_offset: Duration,
    /// Labels on what all its rules make, unless a rule sets them itself.
    pub labels: Vec<(String, String)>,
    /// In the order of their evaluation.
    pub rules: Vec<Rule>,
}

impl RuleGroup {
    /// A group without rules.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            file: None,
            interval: None,
            limit: 0,
            query_offset: Duration::ZERO,
            labels: Vec::new(),
            rules: Vec::new(),
        }
    }
}
