//! What is owed.

use std::collections::HashMap;
use std::sync::Arc;

use crate::alert::notify::{Notice, Notification, Reason};
use crate::alert::receivers::SendError;
use crate::alert::state::{Disk, Writes};
use crate::alert::{Alert, Fingerprint};
use crate::series::Labels;

/// One integration of one receiver: who is owed. Its text (`team-a/slack[0]`) is its key on disk and in metrics.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Target(pub(crate) Arc<str>);

/// The group that a debt is about.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) key: Arc<str>,
    pub(crate) labels: Labels,
    /// The receiver's name in the configuration.
    pub(crate) receiver: Arc<str>,
}

/// All debts, and what receivers know.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    known: HashMap<(Target, Arc<str>), Vec<(Fingerprint, Arc<Alert>)>>,
}

impl Outbox {
    /// What the disk remembers.
    pub(crate) fn restore(_disk: &Disk) -> Self {
        Self::default()
    }

    /// The target is to be told this of the group. What it is owed of each alert already comes first: a firing that was not
    /// delivered is still said before its end.
    pub(crate) fn owe(
        &mut self,
        _to: &Target,
        _group: &Group,
        _notices: Vec<Notice>,
        _reason: Reason,
        _writes: &mut Writes,
    ) {
    }

    /// The alerts of a group that the target was told, or is owed, as firing, and not yet as over: each of them is owed its
    /// end, whatever becomes of the group.
    pub(crate) fn believed_firing(&self, to: &Target, group_key: &str) -> Vec<Arc<Alert>> {
        let known = self.known.get(&(to.clone(), group_key.into()));
        known.map(|known| known.iter().map(|(_, alert)| Arc::clone(alert)).collect()).unwrap_or_default()
    }

    /// All groups in which a target believes something to fire: for the ends of those whose route is gone.
    pub(crate) fn believing(&self) -> Vec<(Target, Group)> {
        Vec::new()
    }

    /// The next message that is due for a target, where there is one.
    pub(crate) fn next(&mut self, _to: &Target, _now: i64) -> Option<Notification> {
        None
    }

    /// How the message that [`next`](Self::next) gave came out.
    pub(crate) fn settle(
        &mut self,
        _to: &Target,
        _outcome: Result<(), SendError>,
        _now: i64,
        _writes: &mut Writes,
    ) {
    }
}
