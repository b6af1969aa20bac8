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
use crate::telemetry::otlp::transport::{Accepted, Carrier, Failure};

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
pub(crate) struct Delivery<C> {
    carrier: C,
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

impl<C: Carrier> Delivery<C> {
    /// To this destination, whose items are called so in a log line.
    pub(crate) fn new(
        carrier: C,
        destination: Destination,
        items: &'static str,
        export_timeout: Duration,
        counts: Arc<Counts>,
    ) -> Self {
        Self {
            carrier,
            destination,
            export_timeout,
            counts,
            items,
            not_before: None,
            lost: false,
            last_line: None,
            is_away: false,
        }
    }

    /// Begins to take orders; within the runtime that will send.
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
        match timeout(limit, self.carrier.send(body)).await {
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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use bytes::Bytes;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_proto::tonic::resource::v1::Resource;
    use tokio::sync::{mpsc, oneshot};
    use tokio::time::Instant;

    use super::{Delivery, Order, now};
    use crate::telemetry::otlp::batch::Batch;
    use crate::telemetry::otlp::counts::{Counts, Dropped};
    use crate::telemetry::otlp::destination::{Destination, Protocol};
    use crate::telemetry::otlp::signal::Signal;
    use crate::telemetry::otlp::transport::{Accepted, Carrier, Failure};

    /// Answers as it was told to, and notes when it was asked. After the last answer it is always fine.
    struct Scripted {
        answers: VecDeque<Result<Accepted, Failure>>,
        asked: Arc<Mutex<Vec<Instant>>>,
        hangs: bool,
    }

    impl Carrier for Scripted {
        async fn send(&mut self, _: Bytes) -> Result<Accepted, Failure> {
            self.asked.lock().expect("nobody panics").push(now());
            if self.hangs {
                std::future::pending::<()>().await;
            }
            self.answers.pop_front().unwrap_or(Ok(Accepted::default()))
        }
    }

    struct Numbers;

    impl Signal for Numbers {
        type Item = u8;
        type Request = ExportTraceServiceRequest;

        const NAME: &'static str = "traces";
        const ITEMS: &'static str = "spans";
        const GRPC_PATH: &'static str = "/";

        fn request(&self, _: Vec<u8>, _: &Resource) -> ExportTraceServiceRequest {
            ExportTraceServiceRequest::default()
        }
    }

    struct Test {
        orders: mpsc::Sender<Order>,
        counts: Arc<Counts>,
        asked: Arc<Mutex<Vec<Instant>>>,
    }

    impl Test {
        fn of(answers: impl IntoIterator<Item = Result<Accepted, Failure>>, hangs: bool) -> Self {
            let asked = Arc::default();
            let carrier =
                Scripted { answers: answers.into_iter().collect(), asked: Arc::clone(&asked), hangs };
            let counts = Arc::new(Counts::new("traces"));
            let endpoint = "http://127.0.0.1:4318/v1/traces".parse().expect("a URL");
            let destination = Destination::new(endpoint, Protocol::HttpProtobuf);
            let age = Duration::from_secs(30);
            let delivery = Delivery::new(carrier, destination, "spans", age, Arc::clone(&counts));
            Self { orders: delivery.start().0, counts, asked }
        }

        async fn send(&self, items: u8) {
            let items = (0..items).collect();
            let batch = Batch::new(&Numbers, items, &Resource::default(), &[Protocol::HttpProtobuf]);
            self.counts.hand_over(batch.items());
            self.orders.send(Order::Send(batch)).await.expect("it takes orders");
        }

        async fn flush(&self) -> bool {
            let (done, reached) = oneshot::channel();
            self.orders.send(Order::Flush(done)).await.expect("it takes orders");
            reached.await.expect("it answers")
        }

        /// Seconds between the attempts.
        fn waits(&self) -> Vec<f64> {
            let asked = self.asked.lock().expect("nobody panics");
            asked.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs_f64()).collect()
        }

        fn counted(&self) -> (u64, [u64; 3]) {
            let lost = [Dropped::Refused, Dropped::Expired, Dropped::Rejected];
            (self.counts.exported(), lost.map(|reason| self.counts.dropped(reason)))
        }
    }

    fn later(after: Option<u64>) -> Result<Accepted, Failure> {
        Err(Failure::Later { because: "busy".to_owned(), after: after.map(Duration::from_secs) })
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_is_tried_again_with_growing_waits() {
        let test = Test::of([later(None), later(None), later(None)], false);
        test.send(3).await;
        assert!(test.flush().await);
        assert_eq!(test.counted(), (3, [0, 0, 0]));
        let waits = test.waits();
        for (wait, most) in waits.iter().zip([1.0, 1.5, 2.25]) {
            assert!((most / 2.0..=most + 0.01).contains(wait), "{waits:?}");
        }
        assert_eq!(waits.len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_collector_says_when_to_come_back() {
        let test = Test::of([later(Some(7))], false);
        test.send(1).await;
        assert!(test.flush().await);
        let waits = test.waits();
        assert!((waits[0] - 7.0).abs() < 0.01, "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_for_longer_than_a_batch_is_kept_is_left_alone_for_so_long() {
        let test = Test::of([later(Some(100))], false);
        test.send(1).await;
        test.send(1).await;
        assert!(!test.flush().await);
        assert_eq!(test.counted(), (0, [0, 2, 0]));
        tokio::time::sleep(Duration::from_secs(80)).await;
        test.send(1).await;
        assert!(test.flush().await);
        let waits = test.waits();
        assert!((waits[0] - 100.0).abs() < 0.01, "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_grows_only_so_old() {
        let test = Test::of(std::iter::repeat_n(later(None), 50), false);
        let begin = now();
        test.send(5).await;
        assert!(!test.flush().await);
        let age = now().duration_since(begin).as_secs_f64();
        assert!((20.0..=30.0).contains(&age), "{age}");
        assert_eq!(test.counted(), (0, [0, 5, 0]));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_hangs_costs_an_attempt_its_timeout() {
        let test = Test::of([], true);
        test.send(1).await;
        assert!(!test.flush().await);
        let waits = test.waits();
        assert!(waits[0] >= 10.0 && waits.len() == 2, "{waits:?}");
        assert_eq!(test.counted(), (0, [0, 1, 0]));
    }

    #[tokio::test(start_paused = true)]
    async fn what_would_be_refused_again_is_not_sent_again() {
        let test = Test::of([Err(Failure::Never { because: "it answered 400".to_owned() })], false);
        test.send(2).await;
        assert!(!test.flush().await);
        test.send(3).await;
        assert!(test.flush().await, "a loss before the last flush is not this one's");
        assert_eq!(test.counted(), (3, [2, 0, 0]));
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_partial_success_the_rest_is_lost() {
        let accepted = Accepted { rejected: 2, message: "too old".to_owned() };
        let test = Test::of([Ok(accepted)], false);
        test.send(5).await;
        assert!(!test.flush().await);
        assert_eq!(test.counted(), (3, [0, 0, 2]));
    }
}
