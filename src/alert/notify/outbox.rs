//! What is owed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use crate::alert::notify::debts::{Debt, Debts};
use crate::alert::notify::meters::Meters;
use crate::alert::notify::queue::{Manner, Message, Queue};
use crate::alert::notify::records::{self, Part, Record};
use crate::alert::notify::{Notice, Notification, Reason};
use crate::alert::receivers::{Receiver, SendError};
use crate::alert::state::{Disk, Table, Writes};
use crate::alert::{Alert, Fingerprint, Status};
use crate::registers::Registers;
use crate::series::Labels;

/// So many alerts are remembered of each target, in each of its groups one by one. Above the cap on active alerts: it is
/// only met where alerts go through many routes to the same target.
const MOST_ALERTS: usize = 100_000;

/// One integration of one receiver: who is owed. Its text (`team-a/slack[0]`) is its key on disk and in metrics.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Target(pub(crate) Arc<str>);

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The group that a debt is about.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) key: Arc<str>,
    pub(crate) labels: Labels,
    /// The receiver's name in the configuration.
    pub(crate) receiver: Arc<str>,
}

/// A message on its way, and the ticket with which it is [settled](Outbox::settle).
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) ticket: u64,
    pub(crate) notification: Notification,
}

/// What the disk has of an alert.
#[derive(Default)]
struct Found {
    debts: Debts,
    /// Whether the target was told that it fires, what it is owed, and whether that is the last of it. Without this record it
    /// was told, and is owed nothing.
    owed: Option<(bool, Vec<Debt>, bool)>,
}

/// All debts, and what receivers know.
///
/// Whatever becomes of a message, memory and disk are bounded: a target is owed at most two words about an alert, and
/// remembers nothing of those that are over for it.
#[derive(Debug)]
pub(crate) struct Outbox {
    queues: BTreeMap<Target, Queue>,
    last_number: u64,
    most_alerts: usize,
    external_url: Arc<str>,
    instance: Option<Arc<str>>,
    /// Whether nothing may go out now.
    held: bool,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            queues: BTreeMap::new(),
            last_number: 0,
            most_alerts: MOST_ALERTS,
            external_url: "".into(),
            instance: None,
            held: false,
        }
    }
}

impl Outbox {
    /// What the disk remembers.
    pub(crate) fn restore(disk: &Disk) -> Self {
        Self::from_records(disk.load(Table::Debts))
    }

    fn from_records(records: Vec<(String, Record<'static>)>) -> Self {
        let mut outbox = Self::default();
        let mut groups = HashMap::new();
        let mut all = BTreeMap::<(Target, String, Fingerprint), Found>::new();
        let mut unreadable = 0u64;
        for (key, record) in records {
            let Some((target, group, part)) = records::parts(&key) else {
                unreadable += 1;
                continue;
            };
            match (part, record) {
                (Part::Group, Record::Group { labels, receiver }) => {
                    let group = Group { key: group.into(), labels, receiver: receiver.into() };
                    groups.insert((target, group.key.to_string()), group);
                }
                (Part::Firing(alert), Record::Alert(text)) => {
                    let found = all.entry((target, group.to_owned(), alert)).or_default();
                    found.debts.firing = Some(Arc::new(text.into_owned()));
                }
                (Part::Resolved(alert), Record::Alert(text)) => {
                    let found = all.entry((target, group.to_owned(), alert)).or_default();
                    found.debts.resolved = Some(Arc::new(text.into_owned()));
                }
                (Part::Owed(alert), Record::Owed { told, owed, ended }) => {
                    all.entry((target, group.to_owned(), alert)).or_default().owed =
                        Some((told, owed, ended));
                }
                _ => unreadable += 1,
            }
        }
        for ((target, group, alert), Found { mut debts, owed }) in all {
            let Some(group) = groups.get(&(target.clone(), group)) else {
                unreadable += 1;
                continue;
            };
            let (told, owed, ended) = owed.unwrap_or((true, Vec::new(), false));
            debts.told = told && debts.firing.is_some();
            debts.ended = ended;
            let known = |debt: &Debt| match debt.status {
                Status::Firing => debts.firing.is_some(),
                Status::Resolved => debts.resolved.is_some(),
            };
            let number = &mut outbox.last_number;
            let numbered = owed.iter().filter(|debt| known(debt)).map(|debt| {
                *number += 1;
                Debt { number: *number, ..*debt }
            });
            debts.owed = numbered.collect();
            if debts.is_over() {
                unreadable += 1;
            } else {
                outbox.queue(&target).restore(group, alert, debts);
            }
        }
        if unreadable > 0 {
            tracing::warn!(
                unreadable,
                "records of what receivers are owed do not fit together, and are left out"
            );
        }
        outbox
    }

    /// What notifications say of this process.
    pub(crate) fn introduce(&mut self, external_url: Arc<str>, instance: Option<Arc<str>>) {
        self.external_url = external_url;
        self.instance = instance;
    }

    /// Holds everything back, or does not any more.
    pub(crate) fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// These are the targets from now on. What others are owed is dropped: counted, with a line in the log.
    pub(crate) fn serve(
        &mut self,
        targets: &[(Target, Arc<dyn Receiver>)],
        registers: &Registers,
        writes: &mut Writes,
    ) {
        let served: BTreeSet<&Target> = targets.iter().map(|(target, _)| target).collect();
        let gone: Vec<Target> =
            self.queues.keys().filter(|target| !served.contains(target)).cloned().collect();
        for target in gone {
            let Some(mut queue) = self.queues.remove(&target) else { continue };
            queue.meters = Meters::new(registers, &target.0);
            let (owed, believed) = queue.clear(writes);
            if owed + believed > 0 {
                tracing::warn!(
                    receiver = %target,
                    owed,
                    believed,
                    "a receiver is not configured any more: what it was owed is dropped, and it is not told of the end of \
                     what it takes to fire"
                );
            }
        }
        for (target, receiver) in targets {
            let pace = receiver.pace().unwrap_or_default().as_millis();
            let pace = i64::try_from(pace).unwrap_or(i64::MAX);
            let queue = self.queue(target);
            queue.set_manner(Manner { single: receiver.takes_single_alerts(), pace });
            queue.meters = Meters::new(registers, &target.0);
            queue.meters.queue_length.set(queue.len() as f64);
        }
    }

    /// The target is to be told this of the group. What it is owed of each alert already comes first: a firing that was not
    /// delivered is still said before its end.
    pub(crate) fn owe(
        &mut self,
        to: &Target,
        group: &Group,
        notices: Vec<Notice>,
        reason: Reason,
        writes: &mut Writes,
    ) {
        let most_alerts = self.most_alerts;
        let mut number = self.last_number;
        let queue = self.queue(to);
        for notice in notices {
            number += 1;
            queue.owe(group, notice, reason, number, most_alerts, writes);
        }
        queue.meters.queue_length.set(queue.len() as f64);
        self.last_number = number;
    }

    /// These alerts of a group are over, and the target is not told so: what it is owed already is still said, and then there is
    /// nothing to be remembered.
    pub(crate) fn forget(
        &mut self,
        to: &Target,
        group_key: &str,
        alerts: &[Fingerprint],
        writes: &mut Writes,
    ) {
        if let Some(queue) = self.queues.get_mut(to) {
            queue.forget(group_key, alerts, writes);
        }
    }

    /// The alerts of a group that the target was told, or is owed, as firing, and not yet as over: each of them is owed its
    /// end, whatever becomes of the group.
    pub(crate) fn believed_firing(&self, to: &Target, group_key: &str) -> Vec<Arc<Alert>> {
        let queue = self.queues.get(to);
        queue.map(|queue| queue.believed(group_key).cloned().collect()).unwrap_or_default()
    }

    /// Whether a target that takes this alert of a group to fire has been told so, and nothing else comes first; `None` where
    /// it does not take it to fire.
    pub(crate) fn was_told(&self, to: &Target, group_key: &str, alert: Fingerprint) -> Option<bool> {
        self.queues
            .get(to)?
            .debts(group_key, alert)
            .filter(|debts| debts.believed().is_some())
            .map(Debts::is_open)
    }

    /// All groups in which a target believes something to fire: for the ends of those whose route is gone.
    pub(crate) fn believing(&self) -> Vec<(Target, Group)> {
        let of = |(target, queue): (&Target, &Queue)| {
            let groups = queue.groups().filter(|group| queue.believed(&group.key).next().is_some());
            groups.map(|group| (target.clone(), group.clone())).collect::<Vec<_>>()
        };
        self.queues.iter().flat_map(of).collect()
    }

    /// How many debts there are to a target: firings and ends.
    pub(crate) fn len(&self, to: &Target) -> usize {
        self.queues.get(to).map_or(0, Queue::len)
    }

    /// From when on there is something to send to a target; `None` while there is not, and while a message is under way.
    pub(crate) fn due(&self, to: &Target) -> Option<i64> {
        if self.held {
            return None;
        }
        self.queues.get(to)?.due()
    }

    /// Handles to what is counted of a target.
    pub(crate) fn meters(&self, of: &Target) -> Meters {
        self.queues.get(of).map(|queue| queue.meters.clone()).unwrap_or_default()
    }

    /// The next message that is due for a target, where there is one: the first debt of each alert of a group, or of one
    /// alert. One message is under way to a target at a time.
    pub(crate) fn next(&mut self, to: &Target, now: i64) -> Option<Parcel> {
        if self.held {
            return None;
        }
        let Message { ticket, group, notices, reason } = self.queues.get_mut(to)?.next(now)?;
        let notification = Notification {
            receiver: group.receiver,
            group_key: group.key,
            group_labels: group.labels,
            alerts: notices,
            reason,
            time: now,
            external_url: Arc::clone(&self.external_url),
            instance: self.instance.clone(),
        };
        Some(Parcel { ticket, notification })
    }

    /// How the message with this ticket came out. Without an error, or with one that says that it never will arrive, its debts
    /// are settled; else they are tried again later, for as long as it takes.
    pub(crate) fn settle(
        &mut self,
        to: &Target,
        ticket: u64,
        outcome: &Result<(), SendError>,
        now: i64,
        writes: &mut Writes,
    ) {
        let Some(queue) = self.queues.get_mut(to) else { return };
        queue.settle(ticket, outcome, now, writes);
        queue.meters.queue_length.set(queue.len() as f64);
    }

    /// The message with this ticket was given up before anybody knew how it came out: it is due again at once.
    pub(crate) fn give_back(&mut self, to: &Target, ticket: u64) {
        if let Some(queue) = self.queues.get_mut(to) {
            queue.give_back(ticket);
        }
    }

    fn queue(&mut self, target: &Target) -> &mut Queue {
        self.queues.entry(target.clone()).or_insert_with(|| Queue::new(target.clone()))
    }
}

#[cfg(test)]
impl Outbox {
    /// With room for so many alerts of each target.
    pub(crate) fn with_most_alerts(most_alerts: usize) -> Self {
        Self { most_alerts, ..Self::default() }
    }

    pub(crate) fn alerts_remembered(&self, of: &str) -> usize {
        self.queues.get(&Target(of.into())).map_or(0, Queue::alerts)
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
