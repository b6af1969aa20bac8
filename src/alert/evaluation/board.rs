//! How all rules do, for those who look: set after each evaluation, read without waiting for one.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::alert::Annotations;
use crate::alert::evaluation::instance::{Instance, State};
use crate::alert::rules::{AlertingRule, RecordingRule};
use crate::series::Labels;

/// How all groups do. A clone shows the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Board(Arc<Mutex<Arc<Vec<Arc<GroupStatus>>>>>);

impl Board {
    /// All groups in their order.
    pub(crate) fn groups(&self) -> Arc<Vec<Arc<GroupStatus>>> {
        Arc::clone(&self.lock())
    }

    pub(crate) fn set(&self, groups: Vec<Arc<GroupStatus>>) {
        let before = std::mem::replace(&mut *self.lock(), Arc::new(groups));
        // It may be the last hold of many alerts, which are not dropped under the lock.
        drop(before);
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Vec<Arc<GroupStatus>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a group does.
#[derive(Clone, Debug)]
pub(crate) struct GroupStatus {
    pub(crate) name: String,
    pub(crate) file: Option<PathBuf>,
    pub(crate) interval: Duration,
    pub(crate) limit: usize,
    /// How long its last evaluation took.
    pub(crate) evaluation_time: Duration,
    /// Of which time that was (milliseconds since the Unix epoch).
    pub(crate) last_evaluation: Option<i64>,
    pub(crate) rules: Vec<Arc<RuleStatus>>,
}

/// How a rule does.
#[derive(Clone, Debug)]
pub(crate) struct RuleStatus {
    pub(crate) kind: Kind,
    pub(crate) health: Health,
    pub(crate) evaluation_time: Duration,
    pub(crate) last_evaluation: Option<i64>,
}

/// The rule, its group's labels among its own, and what is pending or fires.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Alerting(Arc<AlertingRule>, Vec<AlertStatus>),
    Recording(Arc<RecordingRule>),
}

/// How the last evaluation of a rule went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Unknown,
    Good,
    Bad(Arc<str>),
}

/// An alert that is pending or fires.
#[derive(Clone, Debug)]
pub(crate) struct AlertStatus {
    pub(crate) labels: Labels,
    pub(crate) annotations: Arc<Annotations>,
    pub(crate) state: State,
    pub(crate) active_at: i64,
    pub(crate) keep_firing_since: Option<i64>,
    pub(crate) value: f64,
}

impl AlertStatus {
    pub(crate) fn of(instance: &Instance) -> Self {
        Self {
            labels: instance.labels.clone(),
            annotations: Arc::clone(&instance.annotations),
            state: instance.state,
            active_at: instance.active_at,
            keep_firing_since: instance.keep_firing_since,
            value: instance.value,
        }
    }
}
