//! The outbox, behind the engine's lock: what is due, sent.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::alert::engine::driver::Engine;
use crate::alert::notify::outbox::Outbox;
use crate::alert::notify::worker::{Delivered, Desk, Workers, deliver_due};
use crate::alert::state::Writes;

impl Desk for Engine {
    fn now(&self) -> i64 {
        Engine::now(self)
    }

    fn with_outbox<T>(&self, work: impl FnOnce(&mut Outbox, &mut Writes) -> T) -> T {
        let mut writes = Writes::new();
        let mut core = self.core();
        let done = work(&mut core.outbox, &mut writes);
        self.journal.note(writes);
        drop(core);
        // Without writes too: what is sent now may be on its way to the disk in another thread's hands.
        self.journal.commit();
        done
    }
}

impl Engine {
    /// Sends all that is due, to every target at the same time.
    pub(crate) async fn deliver_due(self: Arc<Self>) -> Delivered {
        let targets = self.core().targets();
        let limit = self.notification_timeout;
        deliver_due(&self, &targets, limit).await
    }

    /// Wakes the tasks that send, each by itself; starts them when there is something to send for the first time.
    pub(crate) fn wake_workers(self: &Arc<Self>) {
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        if workers.is_none() {
            let core = self.core();
            if !core.outbox.owes() {
                return;
            }
            let targets = core.targets();
            drop(core);
            let Some(runtime) = self.delivery.runtime() else { return };
            let started = Workers::new(Arc::clone(self), runtime, self.notification_timeout);
            started.serve(&targets);
            *workers = Some(started);
        }
        if let Some(workers) = &*workers {
            workers.wake();
        }
    }

    /// Has the tasks serve the targets that there are now.
    pub(crate) fn change_workers(&self) {
        let targets = self.core().targets();
        if let Some(workers) = &*self.workers.lock().unwrap_or_else(PoisonError::into_inner) {
            workers.serve(&targets);
        }
    }

    /// Ends the tasks that send, after so long or when nothing is due any more.
    pub(crate) async fn finish_workers(self: Arc<Self>, grace: Duration) {
        self.wake_workers();
        let workers = self.take_workers();
        if let Some(workers) = workers {
            workers.finish(grace).await;
        }
    }

    /// The tasks hold the engine, so whoever ends it takes them away.
    pub(crate) fn take_workers(&self) -> Option<Workers<Self>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
