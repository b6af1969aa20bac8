//! All groups.

use std::sync::Arc;
use std::time::Duration;

use tower_watch_layers::clock::Clock;

use crate::alert::Alert;
use crate::alert::rules::RuleGroup;
use crate::alert::state::{Disk, Writes};
use crate::promql::Limits;
use crate::series::Store;

/// What holds for all groups.
#[derive(Clone, Debug)]
pub(crate) struct EvaluationSettings {
    /// Of groups that say none. 15 s.
    pub(crate) interval: Duration,
    /// Labels that every alert has on its way out, unless it has them (`service`, `environment`, `instance`): Prometheus'
    /// `external_labels`.
    pub(crate) external_labels: Vec<(String, String)>,
    /// The start of links. May be empty.
    pub(crate) external_url: Arc<str>,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
}

/// All groups of rules, and the state of their alerts.
#[derive(Debug)]
pub(crate) struct Evaluation {
    settings: EvaluationSettings,
    groups: Vec<RuleGroup>,
}

impl Evaluation {
    /// These groups, with the state that the disk remembers of them.
    pub(crate) fn new(groups: Vec<RuleGroup>, settings: EvaluationSettings, _disk: &Disk, _now: i64) -> Self {
        Self { settings, groups }
    }

    /// When the next group is due (milliseconds since the Unix epoch).
    pub(crate) fn next_due(&self) -> Option<i64> {
        None
    }

    /// Evaluates what is due, appends what it finds to the store, and returns the alerts of which there is news: those that
    /// fire now, and those that are over.
    pub(crate) fn run(&mut self, _now: i64, _store: &Store, _writes: &mut Writes) -> Vec<Arc<Alert>> {
        Vec::new()
    }

    /// Goes on with other groups. Rules that are the same keep their state; the alerts of those that are gone are over, and
    /// returned.
    pub(crate) fn reload(
        &mut self,
        groups: Vec<RuleGroup>,
        _now: i64,
        _writes: &mut Writes,
    ) -> Vec<Arc<Alert>> {
        self.groups = groups;
        Vec::new()
    }

    pub(crate) fn settings(&self) -> &EvaluationSettings {
        &self.settings
    }
}
