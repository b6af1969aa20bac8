//! Groups, for those who look at them.

use std::sync::Arc;

use crate::alert::Fingerprint;
use crate::alert::dispatch::Dispatcher;
use crate::series::Labels;

/// A group, as the API shows it.
#[derive(Clone, Debug)]
pub(crate) struct GroupView {
    pub(crate) receiver: Arc<str>,
    pub(crate) labels: Labels,
    pub(crate) members: Vec<Fingerprint>,
}

impl Dispatcher {
    /// All groups, in the order in which they were made.
    pub(crate) fn groups(&self) -> impl Iterator<Item = GroupView> {
        self.groups.iter().map(|group| GroupView {
            receiver: Arc::clone(&self.tree.node(group.node).receiver),
            labels: group.labels.clone(),
            members: group.members.iter().copied().collect(),
        })
    }
}
