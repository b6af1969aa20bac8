//! Groups, and when they speak.

use std::collections::HashSet;
use std::sync::Arc;

use crate::alert::config::Routing;
use crate::alert::dispatch::acknowledgement::{Acknowledgement, Acknowledgements};
use crate::alert::dispatch::additions::Additions;
use crate::alert::dispatch::audit::Audit;
use crate::alert::dispatch::book::{Book, News};
use crate::alert::dispatch::escalation::Escalations;
use crate::alert::dispatch::feeds::Feeds;
use crate::alert::dispatch::flapping::Flaps;
use crate::alert::dispatch::groups::Groups;
use crate::alert::dispatch::inhibition::Inhibition;
use crate::alert::dispatch::ledger::Ledger;
use crate::alert::dispatch::matching::{all_match, text};
use crate::alert::dispatch::silence::{Silence, SilenceError};
use crate::alert::dispatch::silences::Silences;
use crate::alert::dispatch::strays::Strays;
use crate::alert::dispatch::targets::Targets;
use crate::alert::dispatch::tree::{Node, Tree};
use crate::alert::notify::outbox::{Group, Outbox};
use crate::alert::notify::{Notice, Reason};
use crate::alert::state::{Disk, Writes};
use crate::alert::{Alert, Fingerprint, Status};
use crate::series::{Labels, Matcher};

/// How often what nobody needs any more is looked for.
const TIDYING: i64 = 15 * 60 * 1_000;

/// When a step of escalation that must not be made now is looked at again.
const LATER: i64 = 60 * 1_000;

/// Routes alerts into groups, and decides what each group tells whom.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    pub(crate) routing: Arc<Routing>,
    pub(crate) additions: Additions,
    pub(crate) tree: Tree,
    pub(crate) targets: Targets,
    pub(crate) inhibition: Inhibition,
    pub(crate) groups: Groups,
    pub(crate) ledger: Ledger,
    pub(crate) silences: Silences,
    pub(crate) acknowledgements: Acknowledgements,
    pub(crate) escalations: Escalations,
    pub(crate) flaps: Flaps,
    feeds: Feeds,
    strays: Strays,
    audit: Audit,
    /// Groups, feeds and strays are to be put together anew.
    resuming: bool,
    /// The alerts that were in groups before a reload.
    rejoining: HashSet<Fingerprint>,
    tidied_at: i64,
}

/// How an alert stands, as Alertmanager's API shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The receivers that it goes to.
    pub(crate) receivers: Vec<Arc<str>>,
    /// Ids of silences.
    pub(crate) silenced_by: Vec<String>,
    pub(crate) inhibited_by: Vec<Fingerprint>,
    /// Names of intervals; at every route, or it would be told.
    pub(crate) muted_by: Vec<String>,
    pub(crate) acknowledged: Option<Acknowledgement>,
    pub(crate) flapping: bool,
}

impl Dispatcher {
    /// This routing, with the state that the disk remembers. Before the first [`run`](Self::run) the book must know all that
    /// fires, what the evaluation restores included: what a receiver believes to fire and the book does not know is over.
    pub(crate) fn new(routing: Arc<Routing>, disk: &Disk) -> Self {
        let (tree, targets) = (Tree::new(&routing), Targets::new(&routing));
        let mut dispatcher = Self {
            tree,
            targets,
            inhibition: Inhibition::new(&routing.inhibit_rules),
            groups: Groups::default(),
            ledger: Ledger::restore(disk),
            silences: Silences::restore(disk),
            acknowledgements: Acknowledgements::restore(disk),
            escalations: Escalations::restore(disk),
            flaps: Flaps::default(),
            feeds: Feeds::default(),
            strays: Strays::default(),
            audit: Audit::restore(disk),
            resuming: true,
            rejoining: HashSet::new(),
            tidied_at: 0,
            routing,
            additions: Additions::default(),
        };
        dispatcher.set_additions(Additions::default());
        dispatcher
    }

    /// Goes on with the audit log of another, which is this process's own.
    pub(crate) fn keep_audit(&mut self, of: Self) {
        self.audit = of.audit;
    }

    /// Goes on with other switches and steps than the defaults, or than before.
    pub(crate) fn set_additions(&mut self, additions: Additions) {
        self.flaps.set(additions.flapping.as_ref());
        self.escalations.set(&additions.escalation);
        self.strays.set(additions.every_end);
        self.additions = additions;
    }

    pub(crate) fn additions(&self) -> &Additions {
        &self.additions
    }

    /// Goes on with another routing. Groups that are in both keep their times and what they have said.
    pub(crate) fn reload(&mut self, routing: Arc<Routing>, book: &Book, writes: &mut Writes) {
        // Those that have spoken are in the ledger; these have only waited.
        let waiting = std::mem::take(&mut self.groups);
        for group in waiting.iter() {
            let node = self.tree.node(group.node);
            let kept_for = node.repeat_interval.saturating_mul(2);
            if group.flushed {
                self.ledger.put(&group.page, group.due - node.group_interval, kept_for, Vec::new(), writes);
            }
        }
        self.tree = Tree::new(&routing);
        self.targets = Targets::new(&routing);
        self.inhibition = Inhibition::new(&routing.inhibit_rules);
        self.routing = routing;
        self.resuming = true;
        let all = book.iter().map(|alert| alert.fingerprint());
        self.rejoining.extend(all.filter(|fingerprint| waiting.holds(*fingerprint)));
    }

    /// When there is something to do next without any news.
    pub(crate) fn next_due(&self, book: &Book) -> Option<i64> {
        if self.resuming || book.has_news() {
            return Some(0);
        }
        let times =
            [self.groups.next_due(), self.escalations.next_due(), self.feeds.next_due(), book.next_end()];
        times.into_iter().flatten().min()
    }

    /// Takes the news of the book, and lets every group speak that is due.
    pub(crate) fn run(&mut self, now: i64, book: &mut Book, outbox: &mut Outbox, writes: &mut Writes) {
        self.silences.pass(now, writes);
        self.acknowledgements.pass(now, writes);
        self.flaps.pass(now);
        book.pass(now, |fingerprint| self.groups.holds(fingerprint), writes);
        let news = book.take_news();
        let resuming = std::mem::take(&mut self.resuming);
        if resuming {
            self.resume(now, book);
        }
        for News { fingerprint, alert, status } in &news {
            self.inhibition.learn(*fingerprint, alert, *status);
            self.groups.join(*fingerprint, alert, &self.tree, &self.ledger, resuming, now);
            if !resuming {
                self.flaps.learn(*fingerprint, now);
            }
            if *status == Status::Resolved {
                self.strays.end(*fingerprint, alert, &mut self.ledger, outbox, writes);
                self.acknowledgements.remove(*fingerprint, writes);
                self.escalations.end(*fingerprint, writes);
            }
        }
        let parts = (&self.targets, &self.tree, &self.groups);
        if resuming {
            self.feeds.resume(parts, book, outbox, now, writes);
            self.strays.find(parts, book, (&mut self.ledger, outbox), now, writes);
            self.forget_gone(book, writes);
        }
        let parts = (&self.targets, &self.tree, &self.groups);
        self.feeds.run(parts, if resuming { &[] } else { &news }, book, outbox, now, writes);
        for group in self.groups.take_due(now) {
            self.speak(group, now, book, outbox, writes);
        }
        for fingerprint in self.escalations.take_due(now) {
            self.escalate(fingerprint, now, book, outbox, writes);
        }
        if self.tidied_at.saturating_add(TIDYING) <= now {
            self.tidied_at = now;
            let groups = &self.groups;
            self.ledger.pass(now, |page| groups.has(page), writes);
        }
    }

    /// Puts together again what a reload took apart. After a start there is nothing yet: it is all news.
    fn resume(&mut self, now: i64, book: &Book) {
        let rejoining = std::mem::take(&mut self.rejoining);
        for alert in book.iter() {
            let fingerprint = alert.fingerprint();
            if alert.status_at(now) == Status::Firing {
                self.inhibition.learn(fingerprint, alert, Status::Firing);
            }
            if rejoining.contains(&fingerprint) {
                self.groups.join(fingerprint, alert, &self.tree, &self.ledger, true, now);
            }
        }
    }

    /// Acknowledgements and escalations of alerts that ended while nobody looked.
    fn forget_gone(&mut self, book: &Book, writes: &mut Writes) {
        let active: HashSet<Fingerprint> = book.active().map(|alert| alert.fingerprint()).collect();
        let acknowledged = self.acknowledgements.iter().map(|(fingerprint, _)| fingerprint);
        let gone: Vec<Fingerprint> =
            acknowledged.chain(self.escalations.climbing()).filter(|it| !active.contains(it)).collect();
        for fingerprint in gone {
            self.acknowledgements.remove(fingerprint, writes);
            self.escalations.end(fingerprint, writes);
        }
    }

    /// Makes the step of an alert that is due, unless somebody takes care of it.
    fn escalate(
        &mut self,
        fingerprint: Fingerprint,
        now: i64,
        book: &Book,
        outbox: &mut Outbox,
        writes: &mut Writes,
    ) {
        let Some(alert) = book.get(fingerprint).filter(|it| it.status_at(now) == Status::Firing) else {
            return self.escalations.end(fingerprint, writes);
        };
        if let Some(acknowledgement) = self.acknowledgements.get(fingerprint) {
            // Without an end: who withdraws it plans the step again.
            if let Some(until) = acknowledgement.until {
                self.escalations.postpone(fingerprint, until);
            }
            return;
        }
        let standing = self.standing(fingerprint, &alert.labels, now);
        if standing.is_quiet() {
            return self.escalations.postpone(fingerprint, now.saturating_add(LATER));
        }
        let Some(receiver) = self.escalations.next(fingerprint).map(|(_, receiver)| receiver.to_owned())
        else {
            return;
        };
        let group = Group {
            key: format!("escalation:{}", alert.labels).into(),
            labels: alert.labels.clone(),
            receiver: receiver.as_str().into(),
        };
        for aim in self.targets.of(&receiver) {
            let notice = Notice { alert: Arc::clone(alert), status: Status::Firing };
            outbox.owe(&aim.target, &group, vec![notice], Reason::Escalation, writes);
            self.strays.add(fingerprint, aim.target.clone(), group.clone(), aim.send_resolved);
        }
        self.escalations.made(fingerprint, now, writes);
        let detail = format!("{} to {receiver}", alert.labels);
        self.audit.add(now, "engine", "escalated", detail, writes);
    }

    /// The name of the interval because of which a route says nothing now; empty where it is outside of all in which it may.
    pub(crate) fn mute_time(&self, node: &Node, now: i64) -> Option<&str> {
        let interval = |index: &usize| self.routing.time_intervals.get(*index);
        let muting = node.muted_in.iter().filter_map(interval).find(|it| it.contains(now));
        if let Some(interval) = muting {
            return Some(&interval.name);
        }
        let outside = !node.active_in.is_empty()
            && !node.active_in.iter().filter_map(interval).any(|interval| interval.contains(now));
        outside.then_some("")
    }

    /// How an alert stands.
    pub(crate) fn standing(&self, fingerprint: Fingerprint, labels: &Labels, now: i64) -> Standing {
        let mut receivers: Vec<Arc<str>> = Vec::new();
        let (mut muted_by, mut open) = (Vec::new(), false);
        for group in self.groups.of(fingerprint) {
            let node = self.tree.node(group.node);
            if !receivers.contains(&node.receiver) {
                receivers.push(Arc::clone(&node.receiver));
            }
            match self.mute_time(node, now) {
                Some(name) => muted_by.push(name.to_owned()),
                None => open = true,
            }
        }
        if open {
            muted_by.clear();
        }
        Standing {
            receivers,
            silenced_by: self.silences.silencing(labels, now),
            inhibited_by: self.inhibition.inhibited_by(labels).into_iter().map(|(_, by)| by).collect(),
            muted_by,
            acknowledged: self.acknowledgements.get(fingerprint).cloned(),
            flapping: self.flaps.held(fingerprint),
        }
    }

    /// Takes over a silence that was made elsewhere, where it is news.
    pub(crate) fn learn_silence(&mut self, silence: &Silence, writes: &mut Writes) {
        self.silences.learn(silence, writes);
    }

    pub(crate) fn silences(&self) -> &Silences {
        &self.silences
    }

    pub(crate) fn acknowledgements(&self) -> &Acknowledgements {
        &self.acknowledgements
    }

    pub(crate) fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Notes what somebody did to another part of the engine: a reload, a test message.
    pub(crate) fn note(&mut self, now: i64, who: &str, what: &str, detail: &str, writes: &mut Writes) {
        self.audit.add(now, who, what, detail, writes);
    }

    /// Makes or changes a silence; returns its id, which is another one where the silence could not be changed
    /// ([`Silences::set`]).
    ///
    /// # Errors
    ///
    /// As [`Silences::set`].
    pub(crate) fn silence(
        &mut self,
        silence: Silence,
        now: i64,
        writes: &mut Writes,
    ) -> Result<String, SilenceError> {
        let who = silence.created_by.clone();
        let what = format!("{} until {}: {}", text(&silence.matchers), silence.ends_at, silence.comment);
        let id = self.silences.set(silence, now, writes)?;
        self.audit.add(now, who, "silenced", format!("{id} {what}"), writes);
        Ok(id)
    }

    /// Ends a silence.
    ///
    /// # Errors
    ///
    /// As [`Silences::expire`].
    pub(crate) fn expire_silence(
        &mut self,
        id: &str,
        who: &str,
        now: i64,
        writes: &mut Writes,
    ) -> Result<(), SilenceError> {
        self.silences.expire(id, now, writes)?;
        self.audit.add(now, who, "silence expired", id, writes);
        Ok(())
    }

    /// Somebody takes care of the alerts that are there and pass these matchers. Returns which.
    pub(crate) fn acknowledge(
        &mut self,
        matchers: &[Matcher],
        acknowledgement: &Acknowledgement,
        book: &Book,
        writes: &mut Writes,
    ) -> Vec<Fingerprint> {
        let mut acknowledgement = acknowledgement.bounded();
        if let (None, Some(expiry)) = (acknowledgement.until, self.additions.acknowledgement_expiry) {
            let expiry = i64::try_from(expiry.as_millis()).unwrap_or(i64::MAX);
            acknowledgement.until = Some(acknowledgement.at.saturating_add(expiry));
        }
        let matching = book.active().filter(|alert| all_match(matchers, &alert.labels));
        let found: Vec<&Arc<Alert>> = matching.collect();
        for alert in &found {
            self.acknowledgements.put(alert.fingerprint(), acknowledgement.clone(), writes);
        }
        if !found.is_empty() {
            let Acknowledgement { author, comment, at, .. } = acknowledgement;
            let detail = format!("{}: {comment}", these(&found, matchers));
            self.audit.add(at, author, "acknowledged", detail, writes);
        }
        found.iter().map(|alert| alert.fingerprint()).collect()
    }

    /// Nobody takes care any more of the alerts that are there and pass these matchers. Returns those of which somebody did.
    pub(crate) fn withdraw(
        &mut self,
        matchers: &[Matcher],
        who: &str,
        now: i64,
        book: &Book,
        writes: &mut Writes,
    ) -> Vec<Fingerprint> {
        let matching = book.active().filter(|alert| all_match(matchers, &alert.labels));
        let found: Vec<&Arc<Alert>> =
            matching.filter(|alert| self.acknowledgements.remove(alert.fingerprint(), writes)).collect();
        for alert in &found {
            self.escalations.go_on(alert.fingerprint());
        }
        if !found.is_empty() {
            self.audit.add(now, who, "acknowledgement withdrawn", these(&found, matchers), writes);
        }
        found.iter().map(|alert| alert.fingerprint()).collect()
    }
}

/// What the audit log says of alerts that something was done to: one line, however many they are.
fn these(alerts: &[&Arc<Alert>], matchers: &[Matcher]) -> String {
    match alerts {
        [alert] => alert.labels.to_string(),
        _ => format!("{} alerts that pass {}", alerts.len(), text(matchers)),
    }
}

impl Standing {
    /// Whether nothing is said of the alert now.
    pub(crate) fn is_quiet(&self) -> bool {
        !(self.silenced_by.is_empty() && self.inhibited_by.is_empty() && self.muted_by.is_empty())
    }
}
