//! The way to the thread that sends.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sentry_core::protocol::{Event, Transaction};
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};

use crate::Watch;
use crate::telemetry::counts::{Counts, Reason};
use crate::telemetry::sentry::panics::PanicReport;
use crate::telemetry::{Flushed, Outlet};

/// What is to be sent.
#[derive(Debug)]
pub(crate) enum Job {
    Event(Box<Event<'static>>),
    Panic(Box<PanicReport>),
    Transaction(Box<Transaction<'static>>),
}

/// Why something was not sent: the label `reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// There was no place in the queue.
    QueueFull,
    /// Sentry wants to be left alone for a while.
    RateLimited,
    /// Sentry would not have it.
    Refused,
    /// There was no answer.
    Unreachable,
    /// It came too late, or was still there when the time was over.
    Shutdown,
}

impl Reason for Dropped {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::QueueFull, "queue_full"),
        (Self::RateLimited, "rate_limited"),
        (Self::Refused, "refused"),
        (Self::Unreachable, "unreachable"),
        (Self::Shutdown, "shutdown"),
    ];

    fn place(self) -> usize {
        self as usize
    }
}

/// The queue, and what is known of it on both sides.
pub(crate) struct Queue {
    jobs: mpsc::Sender<Job>,
    accepted: AtomicU64,
    done: watch::Sender<u64>,
    counts: Counts<Dropped>,
    /// Set once: how long it may still take.
    closing: watch::Sender<Option<Duration>>,
    worker: Handle,
}

impl Queue {
    pub(crate) fn new(places: usize, worker: Handle) -> (Arc<Self>, mpsc::Receiver<Job>) {
        let (jobs, receiver) = mpsc::channel(places);
        let queue = Self {
            jobs,
            accepted: AtomicU64::new(0),
            done: watch::Sender::new(0),
            counts: Counts::new("sentry"),
            closing: watch::Sender::new(None),
            worker,
        };
        (Arc::new(queue), receiver)
    }

    /// Queues a job, or drops it. Never waits.
    pub(crate) fn offer(&self, job: Job) {
        match self.jobs.try_send(job) {
            Ok(()) => {
                self.accepted.fetch_add(1, Ordering::Relaxed);
            }
            Err(TrySendError::Full(_)) => self.counts.lose(Dropped::QueueFull, 1),
            Err(TrySendError::Closed(_)) => self.counts.lose(Dropped::Shutdown, 1),
        }
    }

    /// What was sent, and what was not.
    pub(crate) fn counts(&self) -> &Counts<Dropped> {
        &self.counts
    }

    /// A job is sent, or dropped.
    pub(crate) fn settle(&self) {
        self.done.send_modify(|done| *done += 1);
    }

    /// The worker is gone: what it left is lost.
    pub(crate) fn abandon(&self) {
        let left = self.accepted.load(Ordering::Relaxed).saturating_sub(*self.done.borrow());
        self.counts.lose(Dropped::Shutdown, left);
    }

    /// Says when the queue is closed, and how long what is in it may take.
    pub(crate) fn closing(&self) -> watch::Receiver<Option<Duration>> {
        self.closing.subscribe()
    }

    fn drained(self: Arc<Self>, deadline: Duration) -> Flushed {
        let target = self.accepted.load(Ordering::Relaxed);
        let dropped = self.counts.all_dropped();
        let (tell, told) = oneshot::channel::<()>();
        let mut done = self.done.subscribe();
        // The time runs on the worker's runtime: whoever waits may have none.
        self.worker.spawn(async move {
            let _ = tokio::time::timeout(deadline, done.wait_for(|done| *done >= target)).await;
            drop(tell);
        });
        Box::pin(async move {
            let _ = told.await;
            *self.done.borrow() >= target && self.counts.all_dropped() == dropped
        })
    }
}

/// What the telemetry's handle holds: dropping it stops nothing, shutting it down does.
impl Outlet for Arc<Queue> {
    fn flush(&self, deadline: Duration) -> Flushed {
        Arc::clone(self).drained(deadline)
    }

    fn shutdown(&self, deadline: Duration) -> Flushed {
        self.closing.send_if_modified(|closing| closing.replace(deadline).is_none());
        Arc::clone(self).drained(deadline)
    }

    fn attach(&self, watch: &Watch) {
        self.counts.record_into(watch.registers());
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("free", &self.jobs.capacity()).finish_non_exhaustive()
    }
}
