//! Who can be told.

use std::collections::HashMap;
use std::sync::Arc;

use crate::alert::config::{Integration, Routing};
use crate::alert::notify::outbox::Target;
use crate::alert::receivers::Feed;

/// One integration, and what is to be known of it before anything is owed to it.
#[derive(Clone, Debug)]
pub(crate) struct Aim {
    pub(crate) target: Target,
    pub(crate) send_resolved: bool,
    pub(crate) single: bool,
    pub(crate) feed: Option<Feed>,
}

/// The integrations of each receiver, in the order of the configuration.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    receivers: Vec<(Arc<str>, Vec<Aim>)>,
    by_name: HashMap<Arc<str>, usize>,
    by_target: HashMap<Target, (usize, usize)>,
}

/// The target of a receiver's integration: `team-a/slack[0]`, counted over all integrations of the receiver.
pub(crate) fn target(receiver: &str, kind: &str, index: usize) -> Target {
    Target(format!("{receiver}/{kind}[{index}]").into())
}

impl Targets {
    pub(crate) fn new(routing: &Routing) -> Self {
        let mut targets = Self::default();
        for config in &routing.receivers {
            let mut aims = Vec::new();
            for (index, integration) in config.integrations.iter().enumerate() {
                let Integration::Built(receiver) = integration;
                aims.push(Aim {
                    target: target(&config.name, receiver.kind(), index),
                    send_resolved: receiver.send_resolved(),
                    single: receiver.takes_single_alerts(),
                    feed: receiver.feed(),
                });
            }
            let place = targets.receivers.len();
            for (index, aim) in aims.iter().enumerate() {
                targets.by_target.insert(aim.target.clone(), (place, index));
            }
            targets.by_name.insert(config.name.as_str().into(), place);
            targets.receivers.push((config.name.as_str().into(), aims));
        }
        targets
    }

    /// The integrations of a receiver that wait for groups to speak.
    pub(crate) fn of(&self, receiver: &str) -> impl Iterator<Item = &Aim> {
        let found = self.by_name.get(receiver).map(|place| &self.receivers[*place].1);
        found.into_iter().flatten().filter(|aim| aim.feed.is_none())
    }

    /// The integrations that take alerts as they come, with the names of their receivers.
    pub(crate) fn feeds(&self) -> impl Iterator<Item = (&Arc<str>, &Aim, &Feed)> {
        self.receivers.iter().flat_map(|(name, aims)| {
            aims.iter().filter_map(move |aim| aim.feed.as_ref().map(|feed| (name, aim, feed)))
        })
    }

    pub(crate) fn get(&self, target: &Target) -> Option<&Aim> {
        self.by_target.get(target).map(|(place, index)| &self.receivers[*place].1[*index])
    }
}
