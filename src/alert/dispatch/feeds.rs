//! Receivers that take alerts as they come: another Alertmanager, a heartbeat.
//!
//! They are told of what comes and goes at once, past routes, groups, silences and inhibition, and again of all that still
//! fires after each of their intervals.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::alert::dispatch::book::{Book, News};
use crate::alert::dispatch::groups::Groups;
use crate::alert::dispatch::targets::{Aim, Targets};
use crate::alert::dispatch::tree::Tree;
use crate::alert::notify::outbox::{Group, Outbox, Target};
use crate::alert::notify::{Notice, Reason};
use crate::alert::receivers::FeedOf;
use crate::alert::state::Writes;
use crate::alert::{Alert, Fingerprint, Status};
use crate::series::Labels;

/// The only group of a feed.
const KEY: &str = "feed";

/// What one feed has been told to fire, and when it is told again.
#[derive(Debug, Default)]
struct Fed {
    told: HashSet<Fingerprint>,
    repeat_at: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Feeds {
    fed: HashMap<Target, Fed>,
}

impl Feeds {
    pub(crate) fn next_due(&self) -> Option<i64> {
        self.fed.values().filter(|fed| !fed.told.is_empty()).map(|fed| fed.repeat_at).min()
    }

    /// Begins again with these targets: what fires is told to those that do not know it, and what is over to those that do.
    pub(crate) fn resume(
        &mut self,
        (targets, tree, groups): (&Targets, &Tree, &Groups),
        book: &Book,
        outbox: &mut Outbox,
        now: i64,
        writes: &mut Writes,
    ) {
        let before = std::mem::take(&mut self.fed);
        for (receiver, aim, feed) in targets.feeds() {
            let group = group(receiver);
            let mut fed = Fed { repeat_at: now, ..Fed::default() };
            if let Some(before) = before.get(&aim.target) {
                fed.repeat_at = before.repeat_at;
            }
            let (mut over, mut unsaid) = (Vec::new(), Vec::new());
            for alert in outbox.believed_firing(&aim.target, KEY) {
                let fingerprint = alert.fingerprint();
                let known = book.get(fingerprint);
                if known.is_some_and(|alert| alert.status_at(now) == Status::Firing) {
                    fed.told.insert(fingerprint);
                } else if aim.send_resolved {
                    let alert = known.map_or_else(|| ended(&alert, now), Arc::clone);
                    over.push(Notice { alert, status: Status::Resolved });
                } else {
                    unsaid.push(fingerprint);
                }
            }
            outbox.forget(&aim.target, KEY, &unsaid, writes);
            let mut new = Vec::new();
            for alert in book.active() {
                let fingerprint = alert.fingerprint();
                let wanted = wants(&feed.of, receiver, alert, fingerprint, tree, groups);
                if wanted && fed.told.insert(fingerprint) {
                    new.push(Notice { alert: Arc::clone(alert), status: Status::Firing });
                }
            }
            for notices in [over, new].into_iter().filter(|notices| !notices.is_empty()) {
                outbox.owe(&aim.target, &group, notices, Reason::News, writes);
            }
            self.fed.insert(aim.target.clone(), fed);
        }
    }

    /// Tells what has come and gone, and what is to be said again.
    pub(crate) fn run(
        &mut self,
        (targets, tree, groups): (&Targets, &Tree, &Groups),
        news: &[News],
        book: &Book,
        outbox: &mut Outbox,
        now: i64,
        writes: &mut Writes,
    ) {
        for (receiver, aim, feed) in targets.feeds() {
            let Some(fed) = self.fed.get_mut(&aim.target) else { continue };
            let mut batch = Batch::new(aim, group(receiver));
            for News { fingerprint, alert, status } in news {
                let fires = *status == Status::Firing;
                if fires && wants(&feed.of, receiver, alert, *fingerprint, tree, groups) {
                    fed.told.insert(*fingerprint);
                    batch.add(*fingerprint, alert, *status, outbox, writes);
                } else if !fires && fed.told.remove(fingerprint) {
                    if aim.send_resolved {
                        batch.add(*fingerprint, alert, *status, outbox, writes);
                    } else {
                        batch.end_unsaid(*fingerprint, outbox, writes);
                    }
                }
            }
            let new = batch.send(Reason::News, outbox, writes);
            if fed.repeat_at <= now {
                fed.repeat_at =
                    now.saturating_add(i64::try_from(feed.repeat.as_millis()).unwrap_or(i64::MAX));
                for fingerprint in fed.told.iter().filter(|it| !new.contains(it)) {
                    if let Some(alert) = book.get(*fingerprint) {
                        batch.add(*fingerprint, alert, Status::Firing, outbox, writes);
                    }
                }
                batch.send(Reason::Repeat, outbox, writes);
            }
        }
    }
}

fn group(receiver: &Arc<str>) -> Group {
    Group { key: KEY.into(), labels: Labels::default(), receiver: Arc::clone(receiver) }
}

fn wants(
    of: &FeedOf,
    receiver: &str,
    alert: &Alert,
    fingerprint: Fingerprint,
    tree: &Tree,
    groups: &Groups,
) -> bool {
    match of {
        FeedOf::All => true,
        FeedOf::Named(name) => alert.name() == name,
        FeedOf::Routed => groups.of(fingerprint).any(|group| &*tree.node(group.node).receiver == receiver),
    }
}

/// An alert that nobody knows of any more: it is over.
pub(crate) fn ended(alert: &Arc<Alert>, now: i64) -> Arc<Alert> {
    let mut alert = Alert::clone(alert);
    if alert.status_at(now) == Status::Firing {
        alert.ends_at = Some(now);
        alert.updated_at = now;
    }
    Arc::new(alert)
}

/// Notices for one target, each alert once: where one came and went, that is two batches.
struct Batch<'a> {
    aim: &'a Aim,
    group: Group,
    notices: Vec<Notice>,
    alerts: HashSet<Fingerprint>,
}

impl<'a> Batch<'a> {
    fn new(aim: &'a Aim, group: Group) -> Self {
        Self { aim, group, notices: Vec::new(), alerts: HashSet::new() }
    }

    fn add(
        &mut self,
        fingerprint: Fingerprint,
        alert: &Arc<Alert>,
        status: Status,
        outbox: &mut Outbox,
        writes: &mut Writes,
    ) {
        if !self.alerts.insert(fingerprint) {
            self.send(Reason::News, outbox, writes);
            self.alerts.insert(fingerprint);
        }
        self.notices.push(Notice { alert: Arc::clone(alert), status });
    }

    /// The alert is over, which this target is not told.
    fn end_unsaid(&mut self, fingerprint: Fingerprint, outbox: &mut Outbox, writes: &mut Writes) {
        if self.alerts.contains(&fingerprint) {
            self.send(Reason::News, outbox, writes);
        }
        outbox.forget(&self.aim.target, &self.group.key, &[fingerprint], writes);
    }

    /// Returns who was in it.
    fn send(&mut self, reason: Reason, outbox: &mut Outbox, writes: &mut Writes) -> HashSet<Fingerprint> {
        let notices = std::mem::take(&mut self.notices);
        if !notices.is_empty() {
            outbox.owe(&self.aim.target, &self.group, notices, reason, writes);
        }
        std::mem::take(&mut self.alerts)
    }
}
