//! The thread that sends.

use std::cell::Cell;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sentry_core::protocol::{DynamicSamplingContext, EnvelopeHeaders, Event, Transaction};
use sentry_core::types::Dsn;
use sentry_core::{Client, ClientOptions, Envelope, Transport};
use tokio::sync::mpsc;
use tower_watch_layers::clock::{Clock, Instant};
use tower_watch_layers::redact::Redaction;

use crate::outgoing::HttpClient;
use crate::telemetry::counts::Counts;
use crate::telemetry::sentry::ingest::Ingest;
use crate::telemetry::sentry::queue::{Dropped, Job, Queue};
use crate::telemetry::sentry::redaction;

/// How often the log says that something was dropped.
const LOG_EVERY: Duration = Duration::from_secs(60);

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Whether this is the thread that sends: what it logs is not sent.
pub(crate) fn is_this_thread() -> bool {
    IS_WORKER.get()
}

/// Where to send, and as whom.
pub(crate) struct Terms {
    pub(crate) dsn: Dsn,
    pub(crate) client: HttpClient,
    pub(crate) release: Option<String>,
    pub(crate) environment: Option<String>,
    pub(crate) service: String,
    pub(crate) redaction: Redaction,
    pub(crate) queue: usize,
    pub(crate) sends_users: bool,
}

/// Starts the thread.
pub(crate) fn start(terms: Terms) -> io::Result<Arc<Queue>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (queue, jobs) = Queue::new(terms.queue, runtime.handle().clone());
    let worker = Worker::new(terms, Arc::clone(&queue));
    let run = move || {
        IS_WORKER.set(true);
        runtime.block_on(worker.run(jobs));
    };
    std::thread::Builder::new().name("tower-watch-sentry".to_owned()).spawn(run)?;
    Ok(queue)
}

struct Worker {
    client: Client,
    outbox: Arc<Outbox>,
    ingest: Ingest,
    queue: Arc<Queue>,
    service: String,
    redaction: Redaction,
    sends_users: bool,
    report: Report,
}

/// What the client has made ready to be sent.
#[derive(Debug, Default)]
struct Outbox(Mutex<Vec<Envelope>>);

impl Transport for Outbox {
    fn send_envelope(&self, envelope: Envelope) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(envelope);
    }
}

impl Outbox {
    fn take(&self) -> Vec<Envelope> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Worker {
    fn new(terms: Terms, queue: Arc<Queue>) -> Self {
        let Terms { dsn, client, release, environment, service, redaction, sends_users, queue: _ } = terms;
        let outbox = Arc::new(Outbox::default());
        let ingest = Ingest::new(&dsn, client);
        let words = redaction.clone();
        let options = ClientOptions {
            dsn: Some(dsn),
            release: release.map(Into::into),
            environment: environment.map(Into::into),
            default_integrations: false,
            send_default_pii: false,
            before_send: Some(Arc::new(move |event| Some(redaction::event(&words, event)))),
            transport: Some(Arc::new(Arc::clone(&outbox))),
            ..ClientOptions::default()
        };
        let client = Client::with_options(options);
        let report = Report { clock: Clock::system(), logged: None, known: 0 };
        Self { client, outbox, ingest, queue, service, redaction, sends_users, report }
    }

    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let queue = Arc::clone(&self.queue);
        let mut closing = queue.closing();
        let out_of_time = async {
            let limit = match closing.wait_for(Option::is_some).await {
                Ok(limit) => limit.unwrap_or_default(),
                Err(_) => Duration::ZERO,
            };
            tokio::time::sleep(limit).await;
        };
        tokio::select! {
            () = self.work(&mut jobs) => {}
            () = out_of_time => {}
        }
        // What comes between is counted as left.
        jobs.close();
        queue.abandon();
        self.report.publish(queue.counts());
    }

    /// Until the queue is closed, and what was in it is sent.
    async fn work(&mut self, jobs: &mut mpsc::Receiver<Job>) {
        let mut closing = self.queue.closing();
        let mut is_open = true;
        loop {
            let job = tokio::select! {
                job = jobs.recv() => job,
                _ = closing.wait_for(Option::is_some), if is_open => {
                    is_open = false;
                    jobs.close();
                    continue;
                }
            };
            let Some(job) = job else { return };
            self.make_ready(job);
            for envelope in self.outbox.take() {
                match self.ingest.send(&envelope).await {
                    Ok(()) => self.queue.counts().export(1),
                    Err(reason) => self.queue.counts().lose(reason, 1),
                }
            }
            self.report.publish(self.queue.counts());
            self.queue.settle();
        }
    }

    fn make_ready(&self, job: Job) {
        match job {
            Job::Event(event) => self.capture(*event),
            Job::Panic(report) => self.capture(report.into_event(self.sends_users)),
            Job::Transaction(transaction) => self.send_transaction(*transaction),
        }
    }

    fn capture(&self, mut event: Event<'static>) {
        event.tags.insert("service".to_owned(), self.service.clone());
        self.client.capture_event(event, None);
    }

    fn send_transaction(&self, transaction: Transaction<'static>) {
        let mut transaction = redaction::transaction(&self.redaction, transaction);
        let options = self.client.options();
        transaction.release.clone_from(&options.release);
        transaction.environment.clone_from(&options.environment);
        transaction.platform = "native".into();
        transaction.sdk = Some(std::borrow::Cow::Owned(sdk()));
        transaction.tags.insert("service".to_owned(), self.service.clone());
        let headers = EnvelopeHeaders::new()
            .with_event_id(transaction.event_id)
            .with_trace(self.sampling_context(&transaction));
        self.client.send_envelope(Envelope::from(transaction).with_headers(headers));
    }

    fn sampling_context(&self, transaction: &Transaction<'static>) -> DynamicSamplingContext {
        let mut context = DynamicSamplingContext::new().with_sampled(true);
        if let Some(sentry_core::protocol::Context::Trace(trace)) = transaction.contexts.get("trace") {
            context = context.with_trace_id(trace.trace_id);
        }
        if let Some(dsn) = self.client.dsn() {
            context = context.with_public_key(dsn.public_key().to_owned());
        }
        if let Some(release) = &transaction.release {
            context = context.with_release(release.to_string());
        }
        if let Some(environment) = &transaction.environment {
            context = context.with_environment(environment.to_string());
        }
        match &transaction.name {
            Some(name) => context.with_transaction(name.clone()),
            None => context,
        }
    }
}

fn sdk() -> sentry_core::protocol::ClientSdkInfo {
    sentry_core::protocol::ClientSdkInfo {
        name: "tower-watch".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        integrations: Vec::new(),
        packages: Vec::new(),
    }
}

/// Says what was dropped: in the metric at once, in the log once a minute at most.
struct Report {
    clock: Clock,
    logged: Option<Instant>,
    /// How many of the dropped the log knows.
    known: u64,
}

impl Report {
    fn publish(&mut self, counts: &Counts<Dropped>) {
        counts.publish();
        let dropped = counts.all_dropped();
        let now = self.clock.now();
        if dropped == self.known || self.logged.is_some_and(|logged| now.since(logged) < LOG_EVERY) {
            return;
        }
        (self.known, self.logged) = (dropped, Some(now));
        tracing::warn!(
            target: "tower_watch::telemetry",
            queue_full = counts.dropped(Dropped::QueueFull),
            rate_limited = counts.dropped(Dropped::RateLimited),
            refused = counts.dropped(Dropped::Refused),
            unreachable = counts.dropped(Dropped::Unreachable),
            shutdown = counts.dropped(Dropped::Shutdown),
            "not all issues and transactions reached Sentry; the counts are since the start"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tower_watch_layers::clock::Clock;
    use tracing::{Event, Subscriber};
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

    use super::Report;
    use crate::telemetry::counts::Counts;
    use crate::telemetry::sentry::queue::Dropped;

    struct Heard(Arc<AtomicUsize>);

    impl<S: Subscriber> Layer<S> for Heard {
        fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn what_was_dropped_is_spoken_of_once_a_minute() {
        let (clock, time) = Clock::fake();
        let (heard, counts) = (Arc::new(AtomicUsize::new(0)), Counts::new("sentry"));
        let mut report = Report { clock, logged: None, known: 0 };
        // A second dispatch keeps the callsite from being switched off for all by a thread without a subscriber.
        let _second = tracing::Dispatch::new(tracing_subscriber::registry());
        let subscriber = tracing_subscriber::registry().with(Heard(Arc::clone(&heard)));
        tracing::subscriber::with_default(subscriber, || {
            let mut after = |seconds: u64, dropped: u64| {
                time.advance(Duration::from_secs(seconds));
                counts.lose(Dropped::Unreachable, dropped);
                report.publish(&counts);
                heard.load(Ordering::Relaxed)
            };
            assert_eq!(after(0, 0), 0);
            assert_eq!(after(0, 1), 1);
            assert_eq!(after(59, 1), 1, "not so soon");
            assert_eq!(after(1, 0), 2, "and not forgotten");
            assert_eq!(after(600, 0), 2, "nothing new");
        });
    }
}
