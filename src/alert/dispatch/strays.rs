//! Ends that are owed outside of groups.
//!
//! A target that believes an alert to fire is told its end even where no group of it holds the alert: after a change of the
//! routes or of rules, after a restart, and where it was told by a step of escalation. Where it does not want to know, what
//! it believes is forgotten then, or that would be kept for ever.

use std::collections::HashMap;
use std::sync::Arc;

use crate::alert::dispatch::book::Book;
use crate::alert::dispatch::feeds::ended;
use crate::alert::dispatch::groups::Groups;
use crate::alert::dispatch::ledger::{Ledger, Page};
use crate::alert::dispatch::targets::Targets;
use crate::alert::dispatch::tree::Tree;
use crate::alert::notify::outbox::{Group, Outbox, Target};
use crate::alert::notify::{Notice, Reason};
use crate::alert::state::Writes;
use crate::alert::{Alert, Fingerprint, Status};

#[derive(Debug, Default)]
pub(crate) struct Strays {
    by_alert: HashMap<Fingerprint, Vec<Stray>>,
    every_end: bool,
}

/// Who believes that an alert fires, outside of its groups.
#[derive(Debug)]
struct Stray {
    target: Target,
    group: Group,
    /// Whether it is told the end.
    hears_ends: bool,
}

impl Strays {
    /// Whether ends are told that no group tells.
    pub(crate) fn set(&mut self, every_end: bool) {
        self.every_end = every_end;
    }

    /// Looks for them anew, and ends those whose alert is over or gone: with a word where the target is told every end and
    /// wants to know. To be called when all that fires is in the book.
    pub(crate) fn find(
        &mut self,
        (targets, tree, groups): (&Targets, &Tree, &Groups),
        book: &Book,
        (ledger, outbox): (&mut Ledger, &mut Outbox),
        now: i64,
        writes: &mut Writes,
    ) {
        self.by_alert.clear();
        for (target, group) in outbox.believing() {
            let Some(aim) = targets.get(&target).filter(|aim| aim.feed.is_none()) else { continue };
            let hears_ends = self.every_end && aim.send_resolved;
            let page = Page::new(&group.receiver, &group.key);
            let (mut over, mut unsaid) = (Vec::new(), Vec::new());
            for alert in outbox.believed_firing(&target, &group.key) {
                let fingerprint = alert.fingerprint();
                let lives = groups
                    .of(fingerprint)
                    .any(|it| it.key == group.key && tree.node(it.node).receiver == group.receiver);
                if lives {
                    continue;
                }
                match book.get(fingerprint) {
                    Some(alert) if alert.status_at(now) == Status::Firing => {
                        self.add(fingerprint, target.clone(), group.clone(), hears_ends);
                    }
                    _ if !hears_ends => unsaid.push(fingerprint),
                    known => {
                        let alert = known.map_or_else(|| ended(&alert, now), Arc::clone);
                        ledger.strike(&page, &target.0, fingerprint, writes);
                        over.push(Notice { alert, status: Status::Resolved });
                    }
                }
            }
            if !over.is_empty() {
                outbox.owe(&target, &group, over, Reason::News, writes);
            }
            outbox.forget(&target, &group.key, &unsaid, writes);
        }
    }

    pub(crate) fn add(&mut self, fingerprint: Fingerprint, target: Target, group: Group, hears_ends: bool) {
        self.by_alert.entry(fingerprint).or_default().push(Stray { target, group, hears_ends });
    }

    /// The alert is over: so say all who were told of it.
    pub(crate) fn end(
        &mut self,
        fingerprint: Fingerprint,
        alert: &Arc<Alert>,
        ledger: &mut Ledger,
        outbox: &mut Outbox,
        writes: &mut Writes,
    ) {
        for Stray { target, group, hears_ends } in self.by_alert.remove(&fingerprint).into_iter().flatten() {
            if !hears_ends {
                outbox.forget(&target, &group.key, &[fingerprint], writes);
                continue;
            }
            let believed = outbox.believed_firing(&target, &group.key);
            ledger.strike(&Page::new(&group.receiver, &group.key), &target.0, fingerprint, writes);
            if believed.iter().any(|it| it.labels == alert.labels) {
                let notice = Notice { alert: Arc::clone(alert), status: Status::Resolved };
                outbox.owe(&target, &group, vec![notice], Reason::News, writes);
            }
        }
    }
}
