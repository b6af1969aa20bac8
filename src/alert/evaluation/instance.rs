//! One alert of one rule.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::Annotations;
use crate::series::Labels;

/// Where an alert is in its life.
///
/// What is over leaves its rule at once, and goes on only as news of its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// Over; Prometheus calls it inactive.
    Resolved,
    /// The condition holds, but not for long enough.
    Pending,
    /// It is there.
    Firing,
}

impl AlertState {
    /// As Prometheus' API and series spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resolved => "inactive",
            Self::Pending => "pending",
            Self::Firing => "firing",
        }
    }
}

/// One alert of one rule. Times are milliseconds since the Unix epoch.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    /// Who it is.
    pub(crate) labels: Labels,
    /// The labels of the expression's result, without the metric's name.
    pub(crate) result: Labels,
    pub(crate) annotations: Arc<Annotations>,
    pub(crate) value: f64,
    pub(crate) state: AlertState,
    pub(crate) active_at: i64,
    pub(crate) fired_at: Option<i64>,
    pub(crate) keep_firing_since: Option<i64>,
    pub(crate) resolved_at: Option<i64>,
    /// It has not been seen since a restart or a jump of the clock.
    pub(crate) is_unseen: bool,
    /// When it had a result last, in this process.
    pub(crate) seen_at: i64,
    /// When others were told last that it fires.
    pub(crate) told: Option<i64>,
    /// What the disk knows.
    pub(crate) known: Option<Known>,
    /// `ALERTS` in its state, and `ALERTS_FOR_STATE`.
    series: Option<(AlertState, Labels, Labels)>,
}

/// What is written of an alert; where nothing of it has changed, nothing is written.
pub(crate) type Known = (AlertState, i64, Option<i64>);

impl Instance {
    pub(crate) fn new(
        labels: Labels,
        result: Labels,
        annotations: Arc<Annotations>,
        value: f64,
        now: i64,
    ) -> Self {
        Self {
            labels,
            result,
            annotations,
            value,
            state: AlertState::Pending,
            active_at: now,
            fired_at: None,
            keep_firing_since: None,
            resolved_at: None,
            is_unseen: false,
            seen_at: i64::MIN,
            told: None,
            known: None,
            series: None,
        }
    }

    /// What there is to write of it.
    pub(crate) fn to_know(&self) -> Known {
        (self.state, self.active_at, self.keep_firing_since)
    }

    pub(crate) fn is_active(&self) -> bool {
        self.state != AlertState::Resolved
    }

    pub(crate) fn fire(&mut self, now: i64) {
        self.state = AlertState::Firing;
        self.fired_at = Some(now);
    }

    pub(crate) fn resolve(&mut self, now: i64) {
        self.state = AlertState::Resolved;
        self.resolved_at = Some(now);
    }

    /// Moves its times by so long in which nothing was seen.
    pub(crate) fn shift(&mut self, by: i64) {
        if self.state == AlertState::Pending {
            self.active_at = self.active_at.saturating_add(by);
        }
        self.keep_firing_since = self.keep_firing_since.map(|since| since.saturating_add(by));
    }

    /// What fires has begun by now, whatever the wall clock showed before a restart: nothing ends before it began.
    pub(crate) fn began_by(&mut self, now: i64) {
        if self.state == AlertState::Firing {
            self.active_at = self.active_at.min(now);
            self.fired_at = self.fired_at.map(|at| at.min(now));
        }
    }

    /// Whether others are to hear of it: it fires and they have not heard of it for this long, or they were told that it
    /// fires and it is over.
    pub(crate) fn is_news(&self, now: i64, resend: i64) -> bool {
        match self.state {
            AlertState::Pending => false,
            AlertState::Firing => self.told.is_none_or(|at| now.saturating_sub(at) >= resend),
            AlertState::Resolved => self.told.is_some(),
        }
    }

    /// Its samples.
    pub(crate) fn samples(&mut self) -> [(Labels, f64); 2] {
        if self.series.as_ref().is_none_or(|(state, ..)| *state != self.state) {
            let alerts = self.labels.with("alertstate", self.state.as_str()).with("__name__", "ALERTS");
            self.series = Some((self.state, alerts, self.labels.with("__name__", "ALERTS_FOR_STATE")));
        }
        let since = self.active_at.div_euclid(1_000) as f64;
        match &self.series {
            Some((_, alerts, for_state)) => [(alerts.clone(), 1.0), (for_state.clone(), since)],
            None => [(Labels::default(), 1.0), (Labels::default(), since)],
        }
    }
}
