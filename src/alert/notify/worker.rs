//! The tasks that deliver: one for each target, so that a slow, hanging or dead one delays no other.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::select;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::alert::notify::attempt::attempt;
use crate::alert::notify::outbox::{Outbox, Parcel, Target};
use crate::alert::receivers::{Receiver, SendError};
use crate::alert::state::Writes;

/// Where the outbox is: the engine, behind its lock.
pub(crate) trait Desk: Send + Sync + 'static {
    /// The present, in milliseconds since the Unix epoch, on the watch's timeline.
    fn now(&self) -> i64;

    /// Does something with the outbox, alone, and has written down durably what is to be remembered when it returns. Without
    /// writes it does not go to the disk.
    fn with_outbox<T>(&self, work: impl FnOnce(&mut Outbox, &mut Writes) -> T) -> T;
}

/// How many attempts to send a notification came out in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// They arrived.
    pub delivered: usize,
    /// They did not, and are tried again later.
    pub retried: usize,
    /// They did not, and are not tried again: the receiver refused them.
    pub refused: usize,
}

/// Sends what is due now: to each target one message after the other, until nothing is due or one did not arrive; to all of
/// them at the same time. Each message has `limit` to arrive, unless its receiver has a limit of its own.
///
/// To be awaited on the runtime that the receivers live on.
pub(crate) async fn deliver_due<D: Desk>(
    desk: &Arc<D>,
    targets: &[(Target, Arc<dyn Receiver>)],
    limit: Duration,
) -> Delivered {
    let mut tasks = JoinSet::new();
    for (target, receiver) in targets {
        let (desk, target, receiver) = (Arc::clone(desk), target.clone(), Arc::clone(receiver));
        tasks.spawn(async move {
            let mut delivered = Delivered::default();
            while let Some(parcel) = next(&*desk, &target) {
                match send(&*desk, &target, &*receiver, parcel, limit).await {
                    Ok(()) => delivered.delivered += 1,
                    Err(SendError::Retry { .. }) => delivered.retried += 1,
                    Err(SendError::Refused { .. }) => delivered.refused += 1,
                }
            }
            delivered
        });
    }
    let mut all = Delivered::default();
    while let Some(delivered) = tasks.join_next().await {
        let Delivered { delivered, retried, refused } = delivered.unwrap_or_default();
        all.delivered += delivered;
        all.retried += retried;
        all.refused += refused;
    }
    all
}

/// The tasks of all targets.
pub(crate) struct Workers<D> {
    desk: Arc<D>,
    runtime: Handle,
    limit: Duration,
    tasks: Mutex<HashMap<Target, Task>>,
}

/// One target's task.
struct Task {
    orders: Arc<Orders>,
    handle: JoinHandle<()>,
}

/// What a task is told from outside.
struct Orders {
    bell: Notify,
    order: Mutex<Order>,
}

#[derive(Clone)]
struct Order {
    receiver: Arc<dyn Receiver>,
    until: Until,
}

/// How long a task goes on.
#[derive(Clone, Copy)]
enum Until {
    Always,
    /// Until nothing is due before this time.
    Done(i64),
    Now,
}

impl<D: Desk> Workers<D> {
    /// No task yet. `limit` is how long a message may take where its receiver has no limit of its own.
    pub(crate) fn new(desk: Arc<D>, runtime: Handle, limit: Duration) -> Self {
        Self { desk, runtime, limit, tasks: Mutex::default() }
    }

    /// These are the targets from now on. A message that is under way is not interrupted.
    pub(crate) fn serve(&self, targets: &[(Target, Arc<dyn Receiver>)]) {
        let mut tasks = self.tasks();
        tasks.retain(|target, task| {
            let stays = targets.iter().any(|(other, _)| other == target);
            if !stays {
                task.orders.change(|order| order.until = Until::Now);
            }
            stays
        });
        for (target, receiver) in targets {
            if let Some(task) = tasks.get(target).filter(|task| !task.handle.is_finished()) {
                task.orders.change(|order| order.receiver = Arc::clone(receiver));
                continue;
            }
            let order = Order { receiver: Arc::clone(receiver), until: Until::Always };
            let orders = Arc::new(Orders { bell: Notify::new(), order: Mutex::new(order) });
            let (desk, target, limit) = (Arc::clone(&self.desk), target.clone(), self.limit);
            let run = run(desk, target.clone(), Arc::clone(&orders), limit);
            tasks.insert(target, Task { orders, handle: self.runtime.spawn(run) });
        }
    }

    /// Something may be due. Waits for nobody.
    pub(crate) fn wake(&self) {
        self.tasks().values().for_each(|task| task.orders.bell.notify_one());
    }

    /// Ends all tasks. What is due is sent in the time that is given; the rest stays on disk. Returns whether nobody had to be
    /// cut off.
    pub(crate) async fn finish(&self, grace: Duration) -> bool {
        let until = i64::try_from(grace.as_millis()).unwrap_or(i64::MAX).saturating_add(self.desk.now());
        let mut tasks = std::mem::take(&mut *self.tasks());
        for task in tasks.values() {
            task.orders.change(|order| order.until = Until::Done(until));
        }
        let all = async {
            for task in tasks.values_mut() {
                // A task that panicked has ended too.
                let _ = (&mut task.handle).await;
            }
        };
        let in_time = timeout(grace, all).await.is_ok();
        if !in_time {
            tasks.values().for_each(|task| task.handle.abort());
        }
        in_time
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<Target, Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D> fmt::Debug for Workers<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Orders {
    fn get(&self) -> Order {
        self.order.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Order)) {
        change(&mut self.order.lock().unwrap_or_else(PoisonError::into_inner));
        self.bell.notify_one();
    }
}

async fn run<D: Desk>(desk: Arc<D>, target: Target, orders: Arc<Orders>, limit: Duration) {
    loop {
        let Order { receiver, until } = orders.get();
        if matches!(until, Until::Now) {
            return;
        }
        if let Some(parcel) = next(&*desk, &target) {
            // Settled, whatever it was.
            let _ = send(&*desk, &target, &*receiver, parcel, limit).await;
            continue;
        }
        let due = desk.with_outbox(|outbox, _| outbox.due(&target));
        if let Until::Done(end) = until
            && due.is_none_or(|due| due > end)
        {
            return;
        }
        match due {
            None => orders.bell.notified().await,
            Some(due) => {
                let wait = due.saturating_sub(desk.now()).max(1);
                select! {
                    () = orders.bell.notified() => {}
                    () = sleep(Duration::from_millis(wait as u64)) => {}
                }
            }
        }
    }
}

fn next<D: Desk>(desk: &D, target: &Target) -> Option<Parcel> {
    let now = desk.now();
    desk.with_outbox(|outbox, _| outbox.next(target, now))
}

/// Sends it, and settles it.
async fn send<D: Desk>(
    desk: &D,
    target: &Target,
    receiver: &dyn Receiver,
    parcel: Parcel,
    limit: Duration,
) -> Result<(), SendError> {
    let Parcel { ticket, notification } = parcel;
    let mut way = OnItsWay { desk, target, ticket, arrived: false };
    let began = desk.now();
    let limit = receiver.timeout().unwrap_or(limit);
    let outcome = attempt(receiver, &notification, limit).await;
    let now = desk.now();
    let meters = desk.with_outbox(|outbox, writes| {
        outbox.settle(target, ticket, &outcome, now, writes);
        outbox.meters(target)
    });
    way.arrived = true;
    meters.took(Duration::from_millis(now.saturating_sub(began).max(0) as u64));
    outcome
}

/// Gives back what was not settled: whoever awaited it has gone.
struct OnItsWay<'a, D: Desk> {
    desk: &'a D,
    target: &'a Target,
    ticket: u64,
    arrived: bool,
}

impl<D: Desk> Drop for OnItsWay<'_, D> {
    fn drop(&mut self) {
        if !self.arrived {
            self.desk.with_outbox(|outbox, _| outbox.give_back(self.target, self.ticket));
        }
    }
}

#[cfg(test)]
#[path = "worker_tests.rs"]
mod tests;
