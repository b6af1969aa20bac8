//! What is due, sent.

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::alert::engine::driver::Engine;
use crate::alert::notify::Notification;
use crate::alert::notify::outbox::Target;
use crate::alert::receivers::{Receiver, SendError};
use crate::alert::state::Writes;

impl Engine {
    /// Sends all that is due, to every target at the same time; how many messages arrived.
    pub(crate) async fn deliver_due(self: Arc<Self>) -> usize {
        let targets = self.core().targets();
        let mut tasks = JoinSet::new();
        for (target, receiver) in targets {
            tasks.spawn(Arc::clone(&self).deliver_to(target, receiver));
        }
        tasks.join_all().await.into_iter().sum()
    }

    async fn deliver_to(self: Arc<Self>, target: Target, receiver: Arc<dyn Receiver>) -> usize {
        let mut delivered = 0;
        while let Some(notification) = self.next(&target) {
            let outcome = self.send(&receiver, &notification).await;
            delivered += usize::from(outcome.is_ok());
            self.settle(&target, outcome);
        }
        delivered
    }

    /// One message, sent now.
    pub(crate) async fn send(
        &self,
        receiver: &Arc<dyn Receiver>,
        notification: &Notification,
    ) -> Result<(), SendError> {
        let limit = self.notification_timeout;
        match timeout(limit, receiver.send(notification)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SendError::Retry { reason: format!("it took longer than {limit:?}"), after: None }),
        }
    }

    fn next(&self, target: &Target) -> Option<Notification> {
        let now = self.now();
        let mut notification = self.core().outbox.next(target, now)?;
        notification.external_url = Arc::clone(&self.external_url);
        notification.instance = Some(Arc::clone(&self.instance));
        // What is sent has been written down.
        self.journal.commit();
        Some(notification)
    }

    fn settle(&self, target: &Target, outcome: Result<(), SendError>) {
        let (now, mut writes) = (self.now(), Writes::new());
        let mut core = self.core();
        core.outbox.settle(target, outcome, now, &mut writes);
        self.journal.note(writes);
        drop(core);
        self.journal.commit();
    }
}
