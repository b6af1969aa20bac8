//! One destination of one signal: what it gets, in order, and what becomes of what it does not take.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::telemetry::otlp::batch::Batch;
use crate::telemetry::otlp::counts::{Counts, Dropped};
use crate::telemetry::otlp::destination::Destination;
use crate::telemetry::otlp::retry::Backoff;
use crate::telemetry::otlp::signal::Signal;
use crate::telemetry::otlp::transport::{Accepted, Failure, Transport, TransportError};

/// So many batches wait for one destination beside the one that is being sent.
const WAITING: usize = 2;

/// A log line on one matter is at least so far from the one before.
const BETWEEN_LINES: Duration = Duration::from_secs(60);

/// What a destination is to do.
pub(crate) enum Order {
    /// Send this.
    Send(Batch),
    /// Say whether everything before this went.
    Flush(oneshot::Sender<bool>),
}

/// One destination of one signal.
pub(crate) struct Delivery {
    transport: Transport,
    destination: Destination,
    export_timeout: Duration,
    counts: Arc<Counts>,
    items: &'static str,
    /// When the collector asked to be left alone until.
    not_before: Option<Instant>,
    /// Items that were lost since the last flush.
    lost: bool,
    last_line: Option<Instant>,
    is_away: bool,
}

impl Delivery {
    /// For this destination; within the runtime that will send.
    ///
    /// # Errors
    ///
    /// Certificates and keys that are none.
    pub(crate) fn new<S: Signal>(
        destination: Destination,
        export_timeout: Duration,
        counts: Arc<Counts>,
    ) -> Result<Self, TransportError> {
        Ok(Self {
            transport: Transport::new(&destination, S::GRPC_PATH)?,
            destination,
            export_timeout,
            counts,
            items: S::ITEMS,
            not_before: None,
            lost: false,
            last_line: None,
            is_away: false,
        })
    }

    /// Begins to take orders; within the same runtime.
    pub(crate) fn start(self) -> (mpsc::Sender<Order>, AbortHandle) {
        let (sender, orders) = mpsc::channel(WAITING);
        (sender, tokio::spawn(self.run(orders)).abort_handle())
    }

    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        while let Some(order) = orders.recv().await {
            match order {
                Order::Send(batch) => {
                    self.deliver(&batch).await;
                    self.counts.settle(batch.items());
                    self.counts.publish();
                }
                Order::Flush(done) => {
                    let _ = done.send(!std::mem::take(&mut self.lost));
                }
            }
        }
    }

    /// Tries until the collector has it, does not want it, or it is too old.
    async fn deliver(&mut self, batch: &Batch) {
        let too_old = now() + self.export_timeout;
        let mut backoff = Backoff::new();
        loop {
            if let Some(not_before) = self.not_before {
                if not_before > too_old {
                    return self.lose(Dropped::Expired, batch.items(), "it asked to wait for longer");
                }
                sleep_until(not_before).await;
                self.not_before = None;
            }
            match self.attempt(batch, too_old).await {
                Ok(accepted) => return self.accept(batch.items(), &accepted),
                Err(Failure::Never { because }) => {
                    return self.lose(Dropped::Refused, batch.items(), &because);
                }
                Err(Failure::Later { because, after }) => {
                    self.not_before = after.map(|after| now() + after);
                    let wait = after.unwrap_or_else(|| backoff.wait());
                    if now() + wait >= too_old {
                        return self.lose(Dropped::Expired, batch.items(), &because);
                    }
                    self.say_away(&because);
                    self.counts.publish();
                    sleep(wait).await;
                }
            }
        }
    }

    async fn attempt(&mut self, batch: &Batch, too_old: Instant) -> Result<Accepted, Failure> {
        let limit = self.destination.timeout.min(too_old.saturating_duration_since(now()));
        let body = batch.body(self.destination.protocol, self.destination.compression);
        match timeout(limit, self.transport.send(body)).await {
            Ok(result) => result,
            Err(_) => Err(Failure::Later { because: format!("no answer within {limit:?}"), after: None }),
        }
    }

    fn accept(&mut self, items: usize, accepted: &Accepted) {
        let rejected = usize::try_from(accepted.rejected).unwrap_or(0).min(items);
        self.counts.export(items - rejected);
        if rejected > 0 {
            self.lose(Dropped::Rejected, rejected, &format!("it took the others: {}", accepted.message));
        } else if !accepted.message.is_empty() {
            self.say(|destination| {
                tracing::info!(
                    target: "tower_watch::telemetry",
                    destination,
                    "the collector says: {}", accepted.message
                );
            });
        }
        if std::mem::take(&mut self.is_away) {
            self.last_line = None;
            tracing::info!(
                target: "tower_watch::telemetry",
                destination = self.destination.shown(),
                "the collector takes {} again", self.items
            );
        }
    }

    fn lose(&mut self, reason: Dropped, items: usize, because: &str) {
        self.counts.lose(reason, items);
        self.lost = true;
        self.is_away |= reason == Dropped::Expired;
        let (all, what) = (self.counts.all_dropped(), self.items);
        self.say(|destination| {
            tracing::warn!(
                target: "tower_watch::telemetry",
                destination,
                "the collector did not take {what}: {because}; {all} are lost so far"
            );
        });
    }

    fn say_away(&mut self, because: &str) {
        self.is_away = true;
        let (all, what) = (self.counts.all_dropped(), self.items);
        self.say(|destination| {
            tracing::warn!(
                target: "tower_watch::telemetry",
                destination,
                "the collector does not take {what} now, they wait: {because}; {all} are lost so far"
            );
        });
    }

    /// At most one line a minute, however much goes wrong.
    fn say(&mut self, line: impl FnOnce(&str)) {
        let now = now();
        if self.last_line.is_none_or(|last| now.duration_since(last) >= BETWEEN_LINES) {
            self.last_line = Some(now);
            line(&self.destination.shown());
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "deadlines of the runtime's timers, which a test moves with its pause"
)]
fn now() -> Instant {
    Instant::now()
}
