//! One signal on its way: queue, batches, destinations.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_proto::tonic::resource::v1::Resource;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use crate::registers::Registers;
use crate::telemetry::otlp::batch::Batch;
use crate::telemetry::otlp::counts::{Counts, Dropped};
use crate::telemetry::otlp::delivery::{Delivery, Order};
use crate::telemetry::otlp::destination::{Destination, Protocol, QueueConfig};
use crate::telemetry::otlp::queue::Queue;
use crate::telemetry::otlp::signal::Signal;
use crate::telemetry::otlp::transport::{Transport, TransportError};
use crate::telemetry::otlp::worker::Worker;
use crate::telemetry::{Flushed, Outlet};

/// Gives what is to be exported each time that the delay is over, and before a flush; for a signal that is read and not
/// written, as metrics are.
pub(crate) type Source<T> = Box<dyn FnMut() -> Option<T> + Send>;

/// One signal on its way to its destinations. Cheap to clone; when the last clone is gone, what waits is lost.
pub(crate) struct Exporting<S: Signal> {
    shared: Arc<Shared<S>>,
    flushes: mpsc::UnboundedSender<FlushOrder>,
    worker: Worker,
}

struct Shared<S: Signal> {
    signal: S,
    resource: Arc<Resource>,
    queue: Queue<S::Item>,
    counts: Arc<Counts>,
    is_over: AtomicBool,
    /// The tasks that batch and send, to end them.
    tasks: Mutex<Vec<AbortHandle>>,
}

struct FlushOrder {
    done: oneshot::Sender<bool>,
}

impl<S: Signal> Clone for Exporting<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), flushes: self.flushes.clone(), worker: self.worker.clone() }
    }
}

impl<S: Signal> fmt::Debug for Exporting<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporting").field("signal", &S::NAME).finish_non_exhaustive()
    }
}

impl<S: Signal> Exporting<S> {
    /// Starts to export. All destinations get the same batches; while one of several is away, only that one loses any.
    ///
    /// # Errors
    ///
    /// Certificates and keys that are none.
    pub(crate) fn start(
        worker: &Worker,
        signal: S,
        resource: Arc<Resource>,
        destinations: Vec<Destination>,
        config: &QueueConfig,
        source: Option<Source<S::Item>>,
    ) -> Result<Self, TransportError> {
        let shared = Arc::new(Shared {
            signal,
            resource,
            queue: Queue::new(config),
            counts: Arc::new(Counts::new(S::NAME)),
            is_over: AtomicBool::new(false),
            tasks: Mutex::default(),
        });
        let (flushes, orders) = mpsc::unbounded_channel();
        let _runtime = worker.enter();
        let protocols = destinations.iter().map(|destination| destination.protocol).collect();
        let mut deliveries = Vec::with_capacity(destinations.len());
        for destination in destinations {
            let transport = Transport::new(&destination, S::GRPC_PATH)?;
            let counts = Arc::clone(&shared.counts);
            deliveries.push(Delivery::new(transport, destination, S::ITEMS, config.export_timeout, counts));
        }
        let start = |delivery: Delivery<Transport>| {
            let (orders, task) = delivery.start();
            shared.end_with(task);
            orders
        };
        let deliveries = deliveries.into_iter().map(start).collect();
        let batching =
            Batching { shared: Arc::clone(&shared), protocols, deliveries, source, delay: config.delay };
        shared.end_with(worker.spawn(batching.run(orders)));
        Ok(Self { shared, flushes, worker: worker.clone() })
    }

    /// Takes an item, or counts that it could not: never waits. One uncontended lock.
    pub(crate) fn push(&self, item: S::Item) {
        self.shared.queue.push(item, &self.shared.counts);
    }

    /// What became of the items.
    pub(crate) fn counts(&self) -> &Counts {
        &self.shared.counts
    }

    /// Counts into these registers from now on.
    pub(crate) fn record_into(&self, registers: &Registers) {
        self.shared.counts.record_into(registers);
    }

    /// Whether nothing more is taken.
    pub(crate) fn is_over(&self) -> bool {
        self.shared.is_over.load(Ordering::Relaxed)
    }

    /// Sends what waits; see [`Outlet::flush`](crate::telemetry::Outlet::flush).
    pub(crate) fn flush(&self, deadline: Duration) -> Flushed {
        self.order(deadline, false)
    }

    /// Sends what waits, and takes nothing more.
    pub(crate) fn shutdown(&self, deadline: Duration) -> Flushed {
        self.shared.is_over.store(true, Ordering::Relaxed);
        self.order(deadline, true)
    }

    fn order(&self, deadline: Duration, is_last: bool) -> Flushed {
        let (done, all_sent) = oneshot::channel();
        let (reached, result) = oneshot::channel();
        let sent = self.flushes.send(FlushOrder { done }).is_ok();
        let shared = Arc::clone(&self.shared);
        self.worker.spawn(async move {
            let all_went = sent && matches!(timeout(deadline, all_sent).await, Ok(Ok(true)));
            if is_last {
                shared.abandon();
            }
            shared.counts.publish();
            let _ = reached.send(all_went);
        });
        Box::pin(async move { result.await.unwrap_or(false) })
    }
}

impl<S: Signal> Shared<S> {
    fn end_with(&self, task: AbortHandle) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    }

    /// Ends everything, and counts what nobody will send. It runs on the thread of the tasks that it ends, so none of them
    /// goes on meanwhile.
    fn abandon(&self) {
        self.queue.close();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.iter().for_each(AbortHandle::abort);
        self.counts.abandon();
        while let Some(items) = self.queue.take() {
            self.counts.lose(Dropped::Shutdown, items.iter().map(S::weight).sum());
        }
    }
}

/// Makes batches of what waits, and hands them to the destinations.
struct Batching<S: Signal> {
    shared: Arc<Shared<S>>,
    protocols: Vec<Protocol>,
    deliveries: Vec<mpsc::Sender<Order>>,
    source: Option<Source<S::Item>>,
    delay: Duration,
}

impl<S: Signal> Batching<S> {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<FlushOrder>) {
        loop {
            // A clone of the shared part lies here, so that nothing is borrowed over the wait.
            let shared = Arc::clone(&self.shared);
            tokio::select! {
                () = shared.queue.completed() => {
                    while let Some(items) = shared.queue.take_complete() {
                        self.hand_over(items).await;
                    }
                }
                () = sleep(self.delay) => {
                    self.read_source();
                    self.send_all().await;
                }
                order = orders.recv() => {
                    // Nobody is left who could push, or ask.
                    let Some(order) = order else { return };
                    self.read_source();
                    self.send_all().await;
                    self.flush(order).await;
                }
            }
            shared.counts.publish();
        }
    }

    fn read_source(&mut self) {
        if let Some(item) = self.source.as_mut().and_then(|source| source()) {
            self.shared.queue.push(item, &self.shared.counts);
        }
    }

    async fn send_all(&mut self) {
        while let Some(items) = self.shared.queue.take() {
            self.hand_over(items).await;
        }
    }

    /// With one destination a batch waits until that one takes it, and what comes meanwhile waits in the queue; of several,
    /// one that does not keep up must not hold up the others.
    async fn hand_over(&mut self, items: Vec<S::Item>) {
        let shared = &self.shared;
        let batch = Batch::new(&shared.signal, items, &shared.resource, &self.protocols);
        shared.counts.hand_over(batch.items() * self.deliveries.len());
        if let [only] = &self.deliveries[..] {
            let _ = only.send(Order::Send(batch)).await;
            return;
        }
        for delivery in &self.deliveries {
            if delivery.try_send(Order::Send(batch.clone())).is_err() {
                shared.counts.settle(batch.items());
                shared.counts.lose(Dropped::QueueFull, batch.items());
            }
        }
    }

    /// All deliveries are told, and answered for when the last one is through.
    async fn flush(&mut self, order: FlushOrder) {
        let mut pending = Vec::with_capacity(self.deliveries.len());
        for delivery in &self.deliveries {
            let (done, reached) = oneshot::channel();
            if delivery.send(Order::Flush(done)).await.is_ok() {
                pending.push(reached);
            }
        }
        tokio::spawn(async move {
            let mut all_went = true;
            for reached in pending {
                all_went &= reached.await.unwrap_or(false);
            }
            let _ = order.done.send(all_went);
        });
    }
}

impl<S: Signal> Outlet for Exporting<S> {
    fn flush(&self, deadline: Duration) -> Flushed {
        Self::flush(self, deadline)
    }

    fn shutdown(&self, deadline: Duration) -> Flushed {
        Self::shutdown(self, deadline)
    }

    fn attach(&self, watch: &crate::Watch) {
        self.record_into(watch.registers());
    }
}
