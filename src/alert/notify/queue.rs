//! What one target is owed, and when it is told next.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::alert::notify::backoff;
use crate::alert::notify::debts::{Debt, Debts, stronger};
use crate::alert::notify::meters::Meters;
use crate::alert::notify::outbox::{Group, Target};
use crate::alert::notify::records;
use crate::alert::notify::{Notice, Reason};
use crate::alert::receivers::SendError;
use crate::alert::state::Writes;
use crate::alert::{Alert, Fingerprint};

/// How a target wants to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    /// One alert a message.
    pub(crate) single: bool,
    /// The least time from one message to the next, in milliseconds.
    pub(crate) pace: i64,
}

/// A target's debts by group and alert, and the order in which they are told.
#[derive(Debug)]
pub(crate) struct Queue {
    target: Target,
    manner: Manner,
    groups: HashMap<Arc<str>, InGroup>,
    /// What has debts and is not under way, first come, first told.
    line: VecDeque<Errand>,
    in_line: HashSet<Errand>,
    under_way: Option<UnderWay>,
    last_ticket: u64,
    /// Nothing is sent before.
    not_before: i64,
    /// In a row.
    failures: u32,
    /// Debts of all alerts.
    owed: usize,
    /// Alerts that are remembered.
    alerts: usize,
    /// Whether alerts were left out because there were too many, and so was said.
    overflowing: bool,
    pub(crate) meters: Meters,
}

#[derive(Debug)]
struct InGroup {
    group: Group,
    alerts: BTreeMap<Fingerprint, Debts>,
}

/// What one message is about: a group, or one alert of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Errand {
    group: Arc<str>,
    alert: Option<Fingerprint>,
}

#[derive(Debug)]
struct UnderWay {
    ticket: u64,
    errand: Errand,
    began: i64,
    said: Vec<(Fingerprint, Debt)>,
}

/// A message that is under way from now on.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) ticket: u64,
    pub(crate) group: Group,
    pub(crate) notices: Vec<Notice>,
    pub(crate) reason: Reason,
}

impl Queue {
    pub(crate) fn new(target: Target) -> Self {
        Self {
            target,
            manner: Manner::default(),
            groups: HashMap::new(),
            line: VecDeque::new(),
            in_line: HashSet::new(),
            under_way: None,
            last_ticket: 0,
            not_before: i64::MIN,
            failures: 0,
            owed: 0,
            alerts: 0,
            overflowing: false,
            meters: Meters::noop(),
        }
    }

    pub(crate) fn set_manner(&mut self, manner: Manner) {
        let was = std::mem::replace(&mut self.manner, manner);
        if was.single != manner.single {
            self.line.clear();
            self.in_line.clear();
            let mut owed: Vec<(u64, Errand)> = Vec::new();
            for (group, in_group) in &self.groups {
                for (alert, debts) in &in_group.alerts {
                    owed.extend(debts.owed.first().map(|debt| (debt.number, self.errand(group, *alert))));
                }
            }
            owed.sort_unstable_by_key(|(number, _)| *number);
            owed.into_iter().for_each(|(_, errand)| self.line_up(errand));
        }
    }

    /// Takes back what was on disk.
    pub(crate) fn restore(&mut self, group: &Group, alert: Fingerprint, debts: Debts) {
        self.owed += debts.owed.len();
        self.alerts += 1;
        let errand = self.errand(&group.key, alert);
        if !debts.owed.is_empty() {
            self.line_up(errand);
        }
        self.in_group(group).alerts.insert(alert, debts);
    }

    /// Owes one more word; `false` where there is no room for it.
    pub(crate) fn owe(
        &mut self,
        group: &Group,
        notice: Notice,
        reason: Reason,
        number: u64,
        limit: usize,
        writes: &mut Writes,
    ) -> bool {
        let alert = notice.alert.fingerprint();
        let known = self.groups.get(&group.key).is_some_and(|in_group| in_group.alerts.contains_key(&alert));
        if !known && self.alerts >= limit {
            self.overflow(limit);
            return false;
        }
        if !self.groups.contains_key(&group.key) {
            records::put_group(&self.target, group, writes);
        }
        let in_group = self.in_group(group);
        let key = Arc::clone(&in_group.group.key);
        let debts = in_group.alerts.entry(alert).or_default();
        let before = debts.clone();
        debts.owe(notice, reason, number);
        let after = debts.clone();
        records::put_changes(&self.target, &key, alert, &before, &after, writes);
        self.owed = self.owed + after.owed.len() - before.owed.len();
        self.alerts += usize::from(!known);
        self.line_up(self.errand(&key, alert));
        true
    }

    /// These are over, and that is not said.
    pub(crate) fn forget(&mut self, group: &str, alerts: &[Fingerprint], writes: &mut Writes) {
        let Some(in_group) = self.groups.get_mut(group) else { return };
        let key = Arc::clone(&in_group.group.key);
        for alert in alerts {
            let Some(debts) = in_group.alerts.get_mut(alert) else { continue };
            let before = debts.clone();
            debts.end_unsaid();
            records::put_changes(&self.target, &key, *alert, &before, debts, writes);
            if debts.is_over() {
                in_group.alerts.remove(alert);
                self.alerts -= 1;
            }
        }
        self.close_if_empty(&key, writes);
    }

    /// What the target takes to fire, of a group.
    pub(crate) fn believed(&self, group: &str) -> impl Iterator<Item = &Arc<Alert>> {
        let in_group = self.groups.get(group);
        in_group.into_iter().flat_map(|in_group| in_group.alerts.values().filter_map(Debts::believed))
    }

    /// What it is owed of an alert of a group.
    pub(crate) fn debts(&self, group: &str, alert: Fingerprint) -> Option<&Debts> {
        self.groups.get(group)?.alerts.get(&alert)
    }

    pub(crate) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values().map(|in_group| &in_group.group)
    }

    /// Debts of all alerts.
    pub(crate) fn len(&self) -> usize {
        self.owed
    }

    /// From when on there is something to send.
    pub(crate) fn due(&self) -> Option<i64> {
        (self.under_way.is_none() && !self.line.is_empty()).then_some(self.not_before)
    }

    /// The next message, which is under way from now on.
    pub(crate) fn next(&mut self, now: i64) -> Option<Message> {
        if self.due().is_none_or(|due| due > now) {
            return None;
        }
        while let Some(errand) = self.line.pop_front() {
            self.in_line.remove(&errand);
            let Some(in_group) = self.groups.get(&errand.group) else { continue };
            let (mut said, mut notices) = (Vec::new(), Vec::new());
            let mut why = Reason::Repeat;
            let mut say = |alert: &Fingerprint, debts: &Debts| {
                if let Some((debt, notice)) = debts.next() {
                    why = stronger(debt.reason, why);
                    said.push((*alert, debt));
                    notices.push(notice);
                }
            };
            match &errand.alert {
                Some(alert) => in_group.alerts.get(alert).into_iter().for_each(|debts| say(alert, debts)),
                None => in_group.alerts.iter().for_each(|(alert, debts)| say(alert, debts)),
            }
            if notices.is_empty() {
                continue;
            }
            let group = in_group.group.clone();
            self.last_ticket += 1;
            let ticket = self.last_ticket;
            if self.failures > 0 {
                self.meters.retries.increment(1);
            }
            self.under_way = Some(UnderWay { ticket, errand, began: now, said });
            return Some(Message { ticket, group, notices, reason: why });
        }
        None
    }

    /// How the message with this ticket came out.
    pub(crate) fn settle(
        &mut self,
        ticket: u64,
        outcome: &Result<(), SendError>,
        now: i64,
        writes: &mut Writes,
    ) {
        let Some(UnderWay { errand, began, said, .. }) =
            self.under_way.take_if(|under_way| under_way.ticket == ticket)
        else {
            return;
        };
        self.not_before = began.saturating_add(self.manner.pace);
        match outcome {
            Ok(()) => {
                self.meters.delivered.increment(1);
                self.settle_each(&errand.group, &said, writes, |debts, debt| {
                    debts.delivered(debt);
                    false
                });
                self.go_on(errand);
                if std::mem::take(&mut self.failures) > 0 {
                    tracing::info!(receiver = %self.target.0, "a receiver of alerts takes notifications again");
                }
            }
            Err(SendError::Refused { reason }) => {
                self.meters.refused.increment(1);
                tracing::error!(
                    receiver = %self.target.0,
                    group = %errand.group,
                    alerts = said.len(),
                    reason,
                    "a receiver of alerts refused a notification, which is not sent again"
                );
                let moot = self.settle_each(&errand.group, &said, writes, Debts::refused);
                self.meters.dropped.increment(moot);
                self.go_on(errand);
                self.failures = 0;
            }
            Err(SendError::Retry { reason, after }) => {
                self.meters.retried.increment(1);
                self.failures = self.failures.saturating_add(1);
                self.not_before =
                    self.not_before.max(now.saturating_add(backoff::wait(self.failures, *after)));
                if self.failures == 1 {
                    tracing::warn!(
                        receiver = %self.target.0,
                        reason,
                        "a notification did not arrive; it is kept and tried again until it does"
                    );
                }
                // Another one may fare better.
                self.line_up(errand);
            }
        }
    }

    /// The message with this ticket was not sent, or nobody knows.
    pub(crate) fn give_back(&mut self, ticket: u64) {
        if let Some(under_way) = self.under_way.take_if(|under_way| under_way.ticket == ticket) {
            self.go_on(under_way.errand);
        }
    }

    /// Forgets all of it. Returns how many debts there were, and how many alerts the target takes to fire.
    pub(crate) fn clear(mut self, writes: &mut Writes) -> (usize, usize) {
        let (owed, mut believed) = (self.owed, 0);
        for (key, in_group) in std::mem::take(&mut self.groups) {
            for (alert, debts) in in_group.alerts {
                believed += usize::from(debts.believed().is_some());
                records::put_changes(&self.target, &key, alert, &debts, &Debts::default(), writes);
            }
            records::delete_group(&self.target, &key, writes);
        }
        self.meters.dropped.increment(owed as u64);
        self.meters.queue_length.set(0.0);
        (owed, believed)
    }

    #[cfg(test)]
    pub(crate) fn alerts(&self) -> usize {
        assert_eq!(self.alerts, self.groups.values().map(|in_group| in_group.alerts.len()).sum::<usize>());
        self.alerts
    }

    fn settle_each(
        &mut self,
        group: &Arc<str>,
        said: &[(Fingerprint, Debt)],
        writes: &mut Writes,
        settle: impl Fn(&mut Debts, Debt) -> bool,
    ) -> u64 {
        let mut counted = 0;
        let Some(in_group) = self.groups.get_mut(group) else { return counted };
        for (alert, debt) in said {
            let Some(debts) = in_group.alerts.get_mut(alert) else { continue };
            let before = debts.clone();
            counted += u64::from(settle(debts, *debt));
            records::put_changes(&self.target, group, *alert, &before, debts, writes);
            self.owed = self.owed + debts.owed.len() - before.owed.len();
            if debts.is_over() {
                in_group.alerts.remove(alert);
                self.alerts -= 1;
            }
        }
        self.close_if_empty(group, writes);
        counted
    }

    fn close_if_empty(&mut self, group: &Arc<str>, writes: &mut Writes) {
        if self.groups.get(group).is_some_and(|in_group| in_group.alerts.is_empty()) {
            self.groups.remove(group);
            records::delete_group(&self.target, group, writes);
        }
    }

    /// What is left of an errand is next.
    fn go_on(&mut self, errand: Errand) {
        if self.has_debts(&errand) && self.in_line.insert(errand.clone()) {
            self.line.push_front(errand);
        }
    }

    fn has_debts(&self, errand: &Errand) -> bool {
        let Some(in_group) = self.groups.get(&errand.group) else { return false };
        let owed = |debts: &Debts| !debts.owed.is_empty();
        match &errand.alert {
            Some(alert) => in_group.alerts.get(alert).is_some_and(owed),
            None => in_group.alerts.values().any(owed),
        }
    }

    fn line_up(&mut self, errand: Errand) {
        let is_under_way = self.under_way.as_ref().is_some_and(|under_way| under_way.errand == errand);
        if !is_under_way && self.in_line.insert(errand.clone()) {
            self.line.push_back(errand);
        }
    }

    fn errand(&self, group: &Arc<str>, alert: Fingerprint) -> Errand {
        Errand { group: Arc::clone(group), alert: self.manner.single.then_some(alert) }
    }

    fn in_group(&mut self, group: &Group) -> &mut InGroup {
        let key = Arc::clone(&group.key);
        self.groups.entry(key).or_insert_with(|| InGroup { group: group.clone(), alerts: BTreeMap::new() })
    }

    fn overflow(&mut self, limit: usize) {
        self.meters.dropped.increment(1);
        if !std::mem::replace(&mut self.overflowing, true) {
            tracing::error!(
                receiver = %self.target.0,
                limit,
                "a receiver is owed so many alerts that others are left out; they are counted as dropped"
            );
        }
    }
}
