//! The engine: what one tick does, and the thread that ticks.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use tokio::sync::watch::Sender;
use tokio::time::timeout;
use tower_watch_layers::clock::Clock;

use crate::alert::dispatch::{Book, Dispatcher};
use crate::alert::election::{Number, Replicas};
use crate::alert::engine::bell::Bell;
use crate::alert::engine::core::Core;
use crate::alert::engine::delivery::Delivery;
use crate::alert::engine::inbox::{Entry, Inbox};
use crate::alert::engine::journal::Journal;
use crate::alert::engine::meters::{Meters, dropped};
use crate::alert::engine::passing::Passing;
use crate::alert::engine::replication::Replication;
use crate::alert::engine::settings::AlertSettings;
use crate::alert::engine::sources::{Plan, Sources};
use crate::alert::engine::subscribers::Subscribers;
use crate::alert::evaluation::{Board, Evaluation, EvaluationSettings};
use crate::alert::files::Watched;
use crate::alert::notify::outbox::Outbox;
use crate::alert::notify::worker::Workers;
use crate::alert::state::{Disk, Writes};
use crate::alert::{Alert, Fingerprint, Source, Status};
use crate::promql::Limits;
use crate::registers::{Registers, WeakRegisters};
use crate::series::{Labels, Store, Timeline};

/// The stack of the thread that evaluates: what the deepest expression takes that the parser lets through, twice. Only what
/// is touched of it is memory.
const STACK: usize = 8 << 20;

/// The longest sleep, so that a wall clock that was set forward is noticed soon.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// How long a shutdown waits for notifications that are due.
const GRACE: Duration = Duration::from_secs(10);

/// Labels that are put on every alert that has them not.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) service: String,
    pub(crate) environment: Option<String>,
    pub(crate) instance: String,
}

impl Identity {
    /// `instance` is left out where what several of them see is one.
    fn labels(&self, replicas: &Replicas) -> Vec<(String, String)> {
        let environment = self.environment.iter().map(|name| ("environment".to_owned(), name.clone()));
        let instance = replicas.are_told_apart().then(|| ("instance".to_owned(), self.instance.clone()));
        [("service".to_owned(), self.service.clone())]
            .into_iter()
            .chain(instance)
            .chain(environment)
            .collect()
    }
}

/// What the engine works in.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) store: Arc<Store>,
    pub(crate) timeline: Timeline,
    pub(crate) clock: Clock,
    pub(crate) disk: Disk,
    pub(crate) identity: Identity,
    pub(crate) limits: Limits,
}

/// One engine: everything about the alerts of one watch.
#[derive(Debug)]
pub(crate) struct Engine {
    /// Locked for as long as rules are evaluated. Before the core's, where both are locked.
    evaluation: Mutex<Evaluation>,
    /// How all rules do, to be read while they are evaluated.
    pub(crate) board: Board,
    core: Mutex<Core>,
    pub(crate) journal: Journal,
    pub(crate) inbox: Inbox,
    pub(crate) bell: Bell,
    pub(crate) subscribers: Subscribers,
    pub(crate) delivery: Delivery,
    /// Acknowledgements on their way to receivers.
    pub(crate) passing: Passing,
    meters: Meters,
    /// The tasks that deliver, from the first debt on. They hold the engine, until its end.
    pub(crate) workers: Mutex<Option<Workers<Self>>>,
    pub(crate) registers: WeakRegisters,
    pub(crate) sources: Sources,
    /// The files of the sources, and when they were looked at last.
    pub(crate) watched: Mutex<(Watched, i64)>,
    pub(crate) store: Arc<Store>,
    timeline: Timeline,
    /// Whether the last tick is made and the last message sent.
    finished: Sender<bool>,
    /// Whether time is a test's, and nothing runs by itself.
    pub(crate) fake: bool,
    external_labels: Vec<(String, String)>,
    pub(crate) external_url: Arc<str>,
    pub(crate) instance: Arc<str>,
    /// The instance, where notifications name it.
    pub(crate) shown: Option<Arc<str>>,
    /// Where one of several replicas is elected.
    pub(crate) replication: Option<Arc<Replication>>,
    pub(crate) notification_timeout: Duration,
    /// Milliseconds since the Unix epoch.
    #[cfg_attr(not(feature = "axum"), expect(dead_code, reason = "only Alertmanager's API says it"))]
    pub(crate) started: i64,
}

impl Engine {
    /// An engine with what its disk remembers. Nothing runs before [`start`](Self::start).
    pub(crate) fn new(
        settings: AlertSettings,
        plan: Plan,
        around: Surroundings,
        registers: &Registers,
    ) -> Arc<Self> {
        let Surroundings { store, timeline, clock, disk, identity, limits } = around;
        let now = timeline.now();
        let external_labels = identity.labels(&settings.replicas);
        let replication = replication(&settings.replicas.number, &identity, &clock);
        let instance: Arc<str> = identity.instance.as_str().into();
        // Where each sends for itself, keys must not collide.
        let shown = matches!(settings.replicas.number, Number::Unknown).then(|| Arc::clone(&instance));
        let external_url: Arc<str> = settings.external_url.into();
        let evaluation = EvaluationSettings {
            interval: settings.evaluate_every,
            external_labels: external_labels.clone(),
            external_url: Arc::clone(&external_url),
            limits,
            clock: clock.clone(),
            registers: registers.downgrade(),
        };
        let plan_routing = Arc::clone(&plan.routing);
        let evaluation = Evaluation::new(plan.groups, evaluation, &disk, now);
        let mut book = Book::restore(&disk, now).with_most(settings.max_active);
        book.set_resolve_timeout(plan.routing.global.resolve_timeout);
        let outbox = Outbox::restore(&disk);
        let mut dispatcher = Dispatcher::new(Arc::clone(&plan.routing), &disk);
        dispatcher.set_additions(plan.additions);
        let heard = book.heard().chain(evaluation.told_before().map(|it| (it, Status::Firing))).collect();
        let (routing, peers) = (plan.routing, HashMap::new());
        let mut core = Core { book, dispatcher, outbox, routing, is_anew: false, heard, peers };
        let mut writes = Writes::new();
        let targets = core.targets();
        core.outbox.introduce(Arc::clone(&external_url), shown.clone());
        core.outbox.serve(&targets, registers, &mut writes);
        let journal = Journal::new(disk, replication.clone());
        journal.note(writes);
        Arc::new(Self {
            board: evaluation.board(),
            evaluation: Mutex::new(evaluation),
            core: Mutex::new(core),
            journal,
            inbox: Inbox::new(dropped(registers, "inbox")),
            bell: Bell::default(),
            subscribers: Subscribers::new(dropped(registers, "listeners")),
            delivery: Delivery::default(),
            passing: Passing::default(),
            meters: Meters::new(registers),
            workers: Mutex::default(),
            registers: registers.downgrade(),
            watched: Mutex::new((settings.sources.watched(&plan_routing), now)),
            sources: settings.sources,
            store,
            timeline,
            finished: Sender::new(false),
            fake: clock.is_fake(),
            external_labels,
            external_url,
            instance,
            shown,
            replication,
            notification_timeout: settings.notification_timeout,
            started: now,
        })
    }

    /// Starts the thread, unless time is a test's. It ends when the numbers do that rules are about.
    pub(crate) fn start(self: &Arc<Self>, registers: &Registers) {
        let engine = Arc::downgrade(self);
        registers.at_the_end(move || {
            if let Some(engine) = engine.upgrade() {
                engine.end();
            }
        });
        if self.fake {
            return;
        }
        self.listen_to_hangups();
        if self.replication.is_some() {
            self.delivery.spawn(Arc::clone(self).take_turns());
        }
        let (engine, registers) = (Arc::clone(self), registers.downgrade());
        let thread = thread::Builder::new().name("tower-watch-alert".into()).stack_size(STACK);
        if let Err(error) = thread.spawn(move || engine.run(&registers)) {
            tracing::error!(%error, "no thread could be started for alerts: no rule will be evaluated");
        }
    }

    fn run(self: &Arc<Self>, registers: &WeakRegisters) {
        while self.bell.wait(self.until_due()) {
            if registers.upgrade().is_none() {
                return self.end();
            }
            // A defect of ours must not silence every alert for the rest of the process.
            if catch_unwind(AssertUnwindSafe(|| self.tick())).is_err() {
                tracing::error!(
                    "a tick of the alert engine panicked, which is a defect; the next one is tried"
                );
                // What is due now panicked, and may do so again: not in a loop without rest.
                if !self.bell.wait(Duration::from_secs(1)) {
                    return;
                }
            }
        }
    }

    /// Ends the thread, makes the last tick, and sends what is due, for no longer than the grace; the rest stays on disk.
    /// Whoever calls it meanwhile or later waits for the same end.
    pub(crate) async fn finish(self: &Arc<Self>) {
        let mut finished = self.finished.subscribe();
        if self.bell.stop() {
            let engine = Arc::clone(self);
            let work = move || {
                let _said = SaidAtTheEnd(engine.finished.clone());
                if catch_unwind(AssertUnwindSafe(|| engine.tick())).is_err() {
                    tracing::error!("the last tick of the alert engine panicked, which is a defect");
                }
                engine.send_the_last();
                engine.end();
                engine.journal.close();
            };
            if let Err(error) =
                thread::Builder::new().name("tower-watch-finish".into()).stack_size(STACK).spawn(work)
            {
                tracing::error!(%error, "no thread could be started for the last tick of the alert engine");
                self.finished.send_replace(true);
            }
        }
        // It cannot be closed: its other end is here.
        let _ = finished.wait_for(|finished| *finished).await;
    }

    fn send_the_last(self: &Arc<Self>) {
        let (done, sent) = mpsc::channel();
        let engine = Arc::clone(self);
        let work = async move {
            let workers = engine.workers.lock().unwrap_or_else(PoisonError::into_inner).take();
            let in_time = match workers {
                // What they are at is waited for too.
                Some(workers) => workers.finish(GRACE).await,
                None => timeout(GRACE, Arc::clone(&engine).deliver_due()).await.is_ok(),
            };
            // Once more, whoever it is: what does not go out now is not said again.
            let _ = timeout(engine.notification_timeout, engine.pass_on_due()).await;
            engine.leave().await;
            let _ = done.send(in_time);
        };
        if self.delivery.spawn(work).is_some() && !sent.recv().unwrap_or(true) {
            tracing::warn!(grace = ?GRACE, "not all notifications went out before the end; the next process sends the rest");
        }
    }

    fn until_due(&self) -> Duration {
        let rules = self.evaluation().next_due();
        let core = self.core();
        let groups = core.dispatcher.next_due(&core.book);
        drop(core);
        let due = rules.into_iter().chain(groups).min();
        let now = self.timeline.now();
        due.map_or(LONGEST_SLEEP, |due| {
            Duration::from_millis(u64::try_from(due.saturating_sub(now)).unwrap_or(0))
        })
        .min(LONGEST_SLEEP)
    }

    /// Evaluates what is due, takes in what was left in the inbox, lets groups speak, and writes all of it down. Returns when
    /// that is on disk.
    pub(crate) fn tick(self: &Arc<Self>) {
        self.reload_what_has_changed();
        let now = self.timeline.now();
        let mut writes = Writes::new();
        let mut evaluation = self.evaluation();
        let news = evaluation.run(now, &self.store, &mut writes);
        let mut core = self.core();
        self.meters.count_pending(&self.board);
        // Nobody else can make news of rules before these are in the book.
        drop(evaluation);
        for alert in news {
            let alert = core.as_all_see_it(alert, now);
            core.book.apply(alert, now, &mut writes);
        }
        self.route(core, now, writes);
    }

    /// Takes in what was left in the inbox, lets groups speak, and writes down what has been decided so far.
    pub(crate) fn route(self: &Arc<Self>, mut core: MutexGuard<'_, Core>, now: i64, mut writes: Writes) {
        for entry in self.inbox.fetch() {
            self.enter(&mut core.book, entry, now, &mut writes);
        }
        // The dispatcher would do it too; here, so that its ends are among the changes.
        core.book.pass(now, |_| true, &mut writes);
        let changes = core.changes();
        let Core { book, dispatcher, outbox, is_anew, .. } = &mut *core;
        if self.replication.as_ref().is_none_or(|replication| replication.is_sender()) {
            if std::mem::take(is_anew) {
                book.tell_all();
            }
            dispatcher.run(now, book, outbox, &mut writes);
        } else {
            book.take_news();
        }
        self.meters.count(book);
        self.journal.note(writes);
        drop(core);
        self.journal.commit();
        self.subscribers.tell(changes);
        self.wake();
    }

    fn enter(&self, book: &mut Book, entry: Entry, now: i64, writes: &mut Writes) {
        match entry {
            Entry::Raised(mut alert) => {
                // What others have sent says by itself where it is from.
                if alert.source == Source::Code {
                    alert.labels = self.labelled(&alert.labels);
                }
                book.apply(Arc::from(alert), now, writes);
            }
            Entry::Resolved(labels, at) => {
                let of = Fingerprint::of(&self.labelled(&labels));
                let Some(alert) = book.get(of).filter(|alert| alert.status_at(now) == Status::Firing) else {
                    return;
                };
                let mut alert = Alert::clone(alert);
                (alert.ends_at, alert.updated_at) = (Some(at), at);
                book.apply(Arc::new(alert), now, writes);
            }
        }
    }

    /// With the labels that say which process this is, where it has no others.
    pub(crate) fn labelled(&self, labels: &Labels) -> Labels {
        let missing = self.external_labels.iter().filter(|(name, _)| labels.get(name).is_empty());
        missing.fold(labels.clone(), |labels, (name, value)| labels.with(name, value.as_str()))
    }

    /// Tells the outbox who is to be told.
    pub(crate) fn serve_outbox(&self, core: &mut Core, writes: &mut Writes) {
        let targets = core.targets();
        core.outbox.introduce(Arc::clone(&self.external_url), self.shown.clone());
        if let Some(registers) = self.registers.upgrade() {
            core.outbox.serve(&targets, &registers, writes);
        }
    }

    /// Ends all threads. What is owed stays on disk.
    pub(crate) fn end(&self) {
        self.bell.stop();
        // They hold the engine, and give back what they were at: not while their lock is held.
        let workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.delivery.end();
        drop(workers);
        self.subscribers.end();
    }

    /// Milliseconds since the Unix epoch.
    pub(crate) fn present(&self) -> i64 {
        self.timeline.now()
    }

    pub(crate) fn evaluation(&self) -> MutexGuard<'_, Evaluation> {
        self.evaluation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// This replica's part, where one is elected.
fn replication(number: &Number, identity: &Identity, clock: &Clock) -> Option<Arc<Replication>> {
    let Number::Elected(election) = number else { return None };
    let Identity { service, environment, instance } = identity;
    let scope =
        environment.iter().fold(service.clone(), |scope, environment| format!("{scope}/{environment}"));
    Some(Arc::new(Replication::new(Arc::clone(election), scope, instance, clock.clone())))
}

/// Says that it is finished, also where the work panicked.
struct SaidAtTheEnd(Sender<bool>);

impl Drop for SaidAtTheEnd {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}
