//! Who is told next where nobody acknowledges an alert.
//!
//! The time of an alert's steps is counted from when it was told first. A step that falls due while the alert is kept quiet
//! (silenced, inhibited, in a mute time) is looked at again a minute later; one that falls due while the alert is acknowledged
//! waits until that ends. Who was told by a step is told the end like everybody else.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::alert::Fingerprint;
use crate::alert::config::Escalation;
use crate::alert::dispatch::acknowledgement::fingerprint;
use crate::alert::state::{Disk, Table, Writes};

/// What keys on disk begin with, since acknowledgements share the table.
const PREFIX: &str = "escalation/";

/// An alert on its way up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Climb {
    /// When it was told first.
    pub(crate) since: i64,
    /// How many steps it has made.
    pub(crate) made: usize,
    pub(crate) severity: String,
}

#[derive(Debug, Default)]
pub(crate) struct Escalations {
    steps: HashMap<String, Vec<(i64, String)>>,
    climbs: HashMap<Fingerprint, Climb>,
    due: BTreeSet<(i64, Fingerprint)>,
    /// When each is in `due`.
    planned: HashMap<Fingerprint, i64>,
}

impl Escalations {
    pub(crate) fn restore(disk: &Disk) -> Self {
        let mut all = Self::default();
        for (key, record) in disk.load::<serde_json::Value>(Table::Acknowledgements) {
            let Some(fingerprint) = key.strip_prefix(PREFIX).and_then(fingerprint) else { continue };
            match serde_json::from_value(record) {
                Ok(climb) => drop(all.climbs.insert(fingerprint, climb)),
                Err(error) => {
                    tracing::warn!(%key, %error, "an escalation on disk cannot be read, and is left out");
                }
            }
        }
        all
    }

    /// Goes on with these steps. Alerts that have made some go on with the next.
    pub(crate) fn set(&mut self, steps: &[Escalation]) {
        self.steps.clear();
        for step in steps {
            let after = i64::try_from(step.after.as_millis()).unwrap_or(i64::MAX / 4);
            self.steps.entry(step.severity.clone()).or_default().push((after, step.receiver.clone()));
        }
        for steps in self.steps.values_mut() {
            steps.sort_by_key(|(after, _)| *after);
        }
        let all: Vec<Fingerprint> = self.climbs.keys().copied().collect();
        for fingerprint in all {
            self.plan(fingerprint);
        }
    }

    fn plan(&mut self, fingerprint: Fingerprint) {
        let at = self.next(fingerprint).map(|(at, _)| at);
        self.plan_at(fingerprint, at);
    }

    fn plan_at(&mut self, fingerprint: Fingerprint, at: Option<i64>) {
        if let Some(before) = self.planned.remove(&fingerprint) {
            self.due.remove(&(before, fingerprint));
        }
        if let Some(at) = at {
            self.planned.insert(fingerprint, at);
            self.due.insert((at, fingerprint));
        }
    }

    /// When the next step of an alert is due, and who is told then.
    pub(crate) fn next(&self, fingerprint: Fingerprint) -> Option<(i64, &str)> {
        let climb = self.climbs.get(&fingerprint)?;
        let (after, receiver) = self.steps.get(&climb.severity)?.get(climb.made)?;
        Some((climb.since.saturating_add(*after), receiver))
    }

    /// Somebody was told that this alert fires: from now on it climbs, unless it does already.
    pub(crate) fn start(&mut self, fingerprint: Fingerprint, severity: &str, now: i64, writes: &mut Writes) {
        if !self.steps.contains_key(severity) || self.climbs.contains_key(&fingerprint) {
            return;
        }
        self.climbs.insert(fingerprint, Climb { since: now, made: 0, severity: severity.to_owned() });
        self.write(fingerprint, writes);
        self.plan(fingerprint);
    }

    fn write(&self, fingerprint: Fingerprint, writes: &mut Writes) {
        if let Some(climb) = self.climbs.get(&fingerprint) {
            writes.put(Table::Acknowledgements, format!("{PREFIX}{fingerprint}"), climb);
        }
    }

    /// The alerts whose next step is due.
    pub(crate) fn take_due(&mut self, now: i64) -> Vec<Fingerprint> {
        let later = self.due.split_off(&(now.saturating_add(1), Fingerprint(0)));
        let due = std::mem::replace(&mut self.due, later).into_iter().map(|(_, fingerprint)| fingerprint);
        let due: Vec<Fingerprint> = due.collect();
        for fingerprint in &due {
            self.planned.remove(fingerprint);
        }
        due
    }

    /// The step was made now. One that was late puts off those after it, so that no two are made at once.
    pub(crate) fn made(&mut self, fingerprint: Fingerprint, now: i64, writes: &mut Writes) {
        let planned = self.next(fingerprint).map_or(now, |(at, _)| at);
        if let Some(climb) = self.climbs.get_mut(&fingerprint) {
            climb.made += 1;
            climb.since = climb.since.saturating_add(now.saturating_sub(planned).max(0));
            self.write(fingerprint, writes);
            self.plan(fingerprint);
        }
    }

    /// The step is looked at again then.
    pub(crate) fn postpone(&mut self, fingerprint: Fingerprint, until: i64) {
        if self.climbs.contains_key(&fingerprint) {
            self.plan_at(fingerprint, Some(until));
        }
    }

    /// What held the step is gone.
    pub(crate) fn go_on(&mut self, fingerprint: Fingerprint) {
        self.plan(fingerprint);
    }

    /// The alert is over.
    pub(crate) fn end(&mut self, fingerprint: Fingerprint, writes: &mut Writes) {
        if self.climbs.remove(&fingerprint).is_some() {
            writes.delete(Table::Acknowledgements, format!("{PREFIX}{fingerprint}"));
            self.plan_at(fingerprint, None);
        }
    }

    pub(crate) fn next_due(&self) -> Option<i64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// All alerts that climb.
    pub(crate) fn climbing(&self) -> impl Iterator<Item = Fingerprint> {
        self.climbs.keys().copied()
    }
}
