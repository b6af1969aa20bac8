//! All groups, and when each is due.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::alert::dispatch::group::{Group, GroupId, next_flush};
use crate::alert::dispatch::ledger::{Ledger, Page};
use crate::alert::dispatch::tree::{NodeId, Tree};
use crate::alert::{Alert, Fingerprint};
use crate::series::Labels;

#[derive(Debug, Default)]
pub(crate) struct Groups {
    all: BTreeMap<GroupId, Group>,
    by_labels: HashMap<(NodeId, Labels), GroupId>,
    by_alert: HashMap<Fingerprint, Box<[GroupId]>>,
    pages: HashSet<Page>,
    due: BTreeSet<(i64, GroupId)>,
    last: u64,
}

impl Groups {
    /// Puts an alert into its groups, unless it is there.
    ///
    /// A new group waits for `group_wait`, or not at all where an alert has been there for longer. One that the ledger knows
    /// goes on where it was. `resuming`: this alert was there before, and has waited a part of its time.
    pub(crate) fn join(
        &mut self,
        fingerprint: Fingerprint,
        alert: &Alert,
        tree: &Tree,
        ledger: &Ledger,
        resuming: bool,
        now: i64,
    ) {
        if self.by_alert.contains_key(&fingerprint) {
            for id in self.by_alert[&fingerprint].clone() {
                self.hurry(id, alert, tree, now);
            }
            return;
        }
        let nodes = tree.nodes_of(alert);
        let ids = nodes.into_iter().map(|node| self.find(node, alert, tree, ledger, resuming, now));
        let ids: Vec<GroupId> = ids.collect();
        for id in &ids {
            if let Some(group) = self.all.get_mut(id) {
                group.members.insert(fingerprint);
            }
            self.hurry(*id, alert, tree, now);
        }
        self.by_alert.insert(fingerprint, ids.into());
    }

    fn find(
        &mut self,
        node: NodeId,
        alert: &Alert,
        tree: &Tree,
        ledger: &Ledger,
        resuming: bool,
        now: i64,
    ) -> GroupId {
        let of = tree.node(node);
        let labels = of.group_labels(&alert.labels);
        let place = (node, labels);
        if let Some(id) = self.by_labels.get(&place) {
            return *id;
        }
        let (node, labels) = place;
        let key: std::sync::Arc<str> = format!("{}:{labels}", of.key).into();
        let page = Page::new(&of.receiver, &key);
        let known = ledger.get(&page);
        let due = match known {
            Some(entry) => next_flush(entry.flushed_at, of.group_interval, now),
            None if resuming => {
                alert.starts_at.saturating_add(of.group_wait).clamp(now, now.saturating_add(of.group_wait))
            }
            None => now.saturating_add(of.group_wait),
        };
        self.last += 1;
        let id = GroupId(self.last);
        let members = BTreeSet::new();
        let flushed = known.is_some();
        self.pages.insert(page.clone());
        self.by_labels.insert((node, labels.clone()), id);
        self.due.insert((due, id));
        self.all.insert(id, Group { node, key, labels, page, members, due, flushed });
        id
    }

    /// A group that has not spoken yet does so at once where an alert has been there for longer than it waits.
    fn hurry(&mut self, id: GroupId, alert: &Alert, tree: &Tree, now: i64) {
        let Some(group) = self.all.get_mut(&id) else { return };
        let waited = alert.starts_at.saturating_add(tree.node(group.node).group_wait) < now;
        if !group.flushed && waited && group.due > now {
            self.due.remove(&(group.due, id));
            group.due = now;
            self.due.insert((now, id));
        }
    }

    /// The groups that are due, in the order in which they are.
    pub(crate) fn take_due(&mut self, now: i64) -> Vec<GroupId> {
        let later = self.due.split_off(&(now.saturating_add(1), GroupId(0)));
        std::mem::replace(&mut self.due, later).into_iter().map(|(_, id)| id).collect()
    }

    pub(crate) fn next_due(&self) -> Option<i64> {
        self.due.first().map(|(due, _)| *due)
    }

    /// The group has spoken, or had nothing to say: these have left it, and it is due again, or gone where nobody is left.
    /// Returns those that are in no group any more, and whether the group is gone.
    pub(crate) fn flushed(
        &mut self,
        id: GroupId,
        leaving: &[Fingerprint],
        interval: i64,
        now: i64,
    ) -> (Vec<Fingerprint>, bool) {
        let Some(group) = self.all.get_mut(&id) else { return (Vec::new(), true) };
        let mut released = Vec::new();
        for fingerprint in leaving {
            group.members.remove(fingerprint);
            let Some(ids) = self.by_alert.get_mut(fingerprint) else { continue };
            let left: Box<[GroupId]> = ids.iter().copied().filter(|it| *it != id).collect();
            *ids = left;
            if ids.is_empty() {
                self.by_alert.remove(fingerprint);
                released.push(*fingerprint);
            }
        }
        if group.members.is_empty() {
            let place = (group.node, group.labels.clone());
            self.pages.remove(&group.page);
            self.by_labels.remove(&place);
            self.all.remove(&id);
            return (released, true);
        }
        group.flushed = true;
        group.due = next_flush(group.due, interval, now);
        self.due.insert((group.due, id));
        (released, false)
    }

    pub(crate) fn get(&self, id: GroupId) -> Option<&Group> {
        self.all.get(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Group> {
        self.all.values()
    }

    /// The groups that an alert is in.
    pub(crate) fn of(&self, fingerprint: Fingerprint) -> impl Iterator<Item = &Group> {
        self.by_alert.get(&fingerprint).into_iter().flatten().filter_map(|id| self.all.get(id))
    }

    pub(crate) fn holds(&self, fingerprint: Fingerprint) -> bool {
        self.by_alert.contains_key(&fingerprint)
    }

    pub(crate) fn has(&self, page: &Page) -> bool {
        self.pages.contains(page)
    }
}
