//! Where the tasks that deliver find what is owed.

use std::sync::{Arc, PoisonError};

use crate::alert::engine::driver::Engine;
use crate::alert::notify::attempt::attempt;
use crate::alert::notify::outbox::Outbox;
use crate::alert::notify::worker::{Desk, Workers, deliver_due};
use crate::alert::notify::{Delivered, Notification};
use crate::alert::receivers::{Receiver, SendError};
use crate::alert::state::Writes;

impl Desk for Engine {
    fn now(&self) -> i64 {
        self.present()
    }

    fn with_outbox<T>(&self, work: impl FnOnce(&mut Outbox, &mut Writes) -> T) -> T {
        let mut writes = Writes::new();
        let mut core = self.core();
        if let Some(replication) = &self.replication {
            core.outbox.hold(!replication.may_send());
        }
        let done = work(&mut core.outbox, &mut writes);
        self.journal.note(writes);
        drop(core);
        // Without writes too: what a tick is just writing down must not be sent before it is there.
        self.journal.commit();
        done
    }
}

impl Engine {
    /// Sends all that is due, to every target at the same time.
    pub(crate) async fn deliver_due(self: Arc<Self>) -> Delivered {
        let targets = self.core().targets();
        let Some(replication) = self.replication.clone() else {
            let delivered = deliver_due(&self, &targets, self.notification_timeout).await;
            self.pass_on_due().await;
            return delivered;
        };
        if self.fake {
            self.take_turn().await;
        }
        let mut all = Delivered::default();
        loop {
            // What one message changed has to be shared before the next.
            replication.share().await;
            let Delivered { delivered, retried, refused } =
                deliver_due(&self, &targets, self.notification_timeout).await;
            all.delivered += delivered;
            all.retried += retried;
            all.refused += refused;
            if delivered + refused == 0 {
                self.pass_on_due().await;
                return all;
            }
        }
    }

    /// One message, sent now.
    pub(crate) async fn send(
        &self,
        receiver: &Arc<dyn Receiver>,
        notification: &Notification,
    ) -> Result<(), SendError> {
        let limit = receiver.timeout().unwrap_or(self.notification_timeout);
        attempt(&**receiver, notification, limit).await
    }

    /// Something may be due: wakes the tasks that deliver, which begin with the first debt.
    pub(crate) fn wake(self: &Arc<Self>) {
        if self.fake {
            return;
        }
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(workers) = &*workers {
            return workers.wake();
        }
        let core = self.core();
        let targets = core.targets();
        let is_owed = targets.iter().any(|(target, _)| core.outbox.len(target) > 0);
        drop(core);
        if is_owed && let Some(runtime) = self.delivery.runtime() {
            let new = Workers::new(Arc::clone(self), runtime, self.notification_timeout);
            new.serve(&targets);
            *workers = Some(new);
        }
    }

    /// These are the targets from now on.
    pub(crate) fn serve_targets(&self) {
        let targets = self.core().targets();
        if let Some(workers) = &*self.workers.lock().unwrap_or_else(PoisonError::into_inner) {
            workers.serve(&targets);
        }
    }
}
