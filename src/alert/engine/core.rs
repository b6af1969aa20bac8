//! What changes together, under one lock.

use std::collections::HashMap;
use std::sync::Arc;

use crate::alert::config::{Integration, ReceiverConfig, Routing};
use crate::alert::dispatch::{Book, Dispatcher, target};
use crate::alert::notify::Notice;
use crate::alert::notify::outbox::{Outbox, Target};
use crate::alert::receivers::Receiver;
use crate::alert::{Alert, Fingerprint, Status};

/// The alerts, who is to be told of them, and what is owed.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) book: Book,
    pub(crate) dispatcher: Dispatcher,
    pub(crate) outbox: Outbox,
    pub(crate) routing: Arc<Routing>,
    /// Whether the dispatcher is a new one, which knows of no alert yet.
    pub(crate) is_anew: bool,
    /// How alerts were before a restart that were not seen since: those who listen to changes have heard of that.
    pub(crate) heard: HashMap<Fingerprint, Status>,
    /// What fires at other replicas, where this one sends for them.
    pub(crate) peers: HashMap<Fingerprint, Arc<Alert>>,
}

impl Core {
    /// All that can be told, in the order of the configuration.
    pub(crate) fn targets(&self) -> Vec<(Target, Arc<dyn Receiver>)> {
        self.routing.receivers.iter().flat_map(targets_of).collect()
    }

    /// The ways in which one receiver is told; `None` where there is none of that name.
    pub(crate) fn integrations(&self, receiver: &str) -> Option<Vec<(Target, Arc<dyn Receiver>)>> {
        let config = self.routing.receivers.iter().find(|config| config.name == receiver)?;
        Some(targets_of(config).collect())
    }
}

impl Core {
    /// What has come and gone that nobody has heard of, also not before a restart.
    pub(crate) fn changes(&mut self) -> Vec<Notice> {
        let Self { book, heard, .. } = self;
        let news = book.news().iter();
        let changes = news.filter(|news| heard.remove(&news.fingerprint) != Some(news.status));
        changes.map(|news| Notice { alert: Arc::clone(&news.alert), status: news.status }).collect()
    }
}

fn targets_of(config: &ReceiverConfig) -> impl Iterator<Item = (Target, Arc<dyn Receiver>)> {
    config.integrations.iter().enumerate().map(|(index, integration)| {
        let Integration::Built(receiver) = integration;
        (target(&config.name, receiver.kind(), index), Arc::clone(receiver))
    })
}
