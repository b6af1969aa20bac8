//! Alerts that come and go.
//!
//! One that changes more often than it may is held: its groups say once that it comes and goes, and then treat it as firing
//! until it is calm. Then what it is counts again, so its last state is told in any case. Kept in memory only, for alerts that
//! changed a short while ago: after a restart an alert is held again when it changes as often again.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::alert::Fingerprint;
use crate::alert::config::Flapping;

#[derive(Debug, Default)]
struct Changes {
    at: VecDeque<i64>,
    held: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Flaps {
    limits: Option<Limits>,
    alerts: HashMap<Fingerprint, Changes>,
    last: BTreeSet<(i64, Fingerprint)>,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    changes: usize,
    window: i64,
    calm: i64,
}

impl Flaps {
    pub(crate) fn set(&mut self, settings: Option<&Flapping>) {
        let millis = |it: std::time::Duration| i64::try_from(it.as_millis()).unwrap_or(i64::MAX / 4);
        self.limits = settings.map(|it| Limits {
            changes: it.changes.max(1),
            window: millis(it.window),
            calm: millis(it.calm),
        });
        if self.limits.is_none() {
            self.alerts.clear();
            self.last.clear();
        }
    }

    /// An alert came or went.
    pub(crate) fn learn(&mut self, fingerprint: Fingerprint, now: i64) {
        let Some(limits) = self.limits else { return };
        let changes = self.alerts.entry(fingerprint).or_default();
        if let Some(last) = changes.at.back() {
            self.last.remove(&(*last, fingerprint));
        }
        self.last.insert((now, fingerprint));
        changes.at.push_back(now);
        while changes.at.len() > limits.changes + 1 {
            changes.at.pop_front();
        }
        let first = changes.at.front().copied().unwrap_or(now);
        if changes.at.len() > limits.changes && now.saturating_sub(first) <= limits.window {
            changes.held = true;
        }
    }

    /// Lets go of what is calm.
    pub(crate) fn pass(&mut self, now: i64) {
        let Some(limits) = self.limits else { return };
        // Two spans: what is held is let go after the one, what is not is forgotten after the other.
        let since = now.saturating_sub(limits.calm.min(limits.window));
        let quiet: Vec<_> = self.last.range(..=(since, Fingerprint(u64::MAX))).copied().collect();
        for (last, fingerprint) in quiet {
            let Some(changes) = self.alerts.get_mut(&fingerprint) else { continue };
            changes.held &= now.saturating_sub(last) < limits.calm;
            if !changes.held && now.saturating_sub(last) >= limits.window {
                self.alerts.remove(&fingerprint);
                self.last.remove(&(last, fingerprint));
            }
        }
    }

    /// Whether it comes and goes; since when it would be calm (its last change).
    pub(crate) fn held(&self, fingerprint: Fingerprint) -> bool {
        !self.alerts.is_empty() && self.alerts.get(&fingerprint).is_some_and(|changes| changes.held)
    }

    /// When what is held would be let go.
    pub(crate) fn calm_at(&self, fingerprint: Fingerprint) -> Option<i64> {
        let changes = self.alerts.get(&fingerprint).filter(|changes| changes.held)?;
        Some(changes.at.back()?.saturating_add(self.limits?.calm))
    }

    /// What is said of it.
    pub(crate) fn note(&self, fingerprint: Fingerprint) -> String {
        let changes = self.alerts.get(&fingerprint).map_or(0, |changes| changes.at.len());
        let calm = self.limits.map_or(0, |limits| limits.calm / 60_000);
        format!(
            "it comes and goes ({changes} changes in a short time): nothing more is said of that until it has been calm for {calm} minutes"
        )
    }
}
