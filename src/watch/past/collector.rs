//! The loop of a collector, and who may end it.

use std::any::Any;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};
use tower_watch_layers::clock::Clock;

use crate::registers::{Registers, WeakRegisters};
use crate::watch::past::collect::{CollectError, Collected, Schedule};
use crate::watch::past::meters::{Failure, Meters};

/// A collector that was started. To drop this stops nothing.
#[derive(Clone, Debug)]
pub struct Collector {
    name: String,
    task: AbortHandle,
    collectors: Arc<Collectors>,
}

impl Collector {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Ends it, and makes its name free. A run that is under way is dropped where it waits.
    pub fn stop(&self) {
        self.task.abort();
        let mut state = self.collectors.state();
        if let Entry::Occupied(entry) = state.running.entry(self.name.clone())
            && entry.get().id() == self.task.id()
        {
            entry.remove();
        }
    }
}

/// The collectors of one watch.
#[derive(Debug)]
pub(crate) struct Collectors {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    shut_down: bool,
    running: HashMap<String, AbortHandle>,
}

impl Collectors {
    pub(crate) fn new(clock: Clock) -> Arc<Self> {
        Arc::new(Self { clock, state: Mutex::default() })
    }

    pub(crate) fn start<C, F>(
        self: &Arc<Self>,
        registers: &Registers,
        name: String,
        schedule: Schedule,
        collect: C,
    ) -> Result<Collector, CollectError>
    where
        C: FnMut() -> F + Send + 'static,
        F: Future<Output: Collected> + Send + 'static,
    {
        let Ok(runtime) = Handle::try_current() else { return Err(CollectError::NoRuntime(name)) };
        let mut state = self.state();
        if state.shut_down {
            return Err(CollectError::ShutDown(name));
        }
        // A runtime that has ended took its tasks with it.
        if state.running.get(&name).is_some_and(|task| !task.is_finished()) {
            return Err(CollectError::NameTaken(name));
        }
        let mut beats = interval(schedule.interval());
        beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let runs = Runs {
            meters: Meters::new(registers, &name),
            name: name.clone(),
            schedule,
            registers: registers.downgrade(),
            clock: self.clock.clone(),
            failures: 0,
        };
        let task = runtime.spawn(runs.go_on(beats, collect)).abort_handle();
        state.running.insert(name.clone(), task.clone());
        Ok(Collector { name, task, collectors: Arc::clone(self) })
    }

    /// Ends all of them, for good.
    pub(crate) fn shut_down(&self) {
        let mut state = self.state();
        state.shut_down = true;
        state.running.drain().for_each(|(_, task)| task.abort());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The runs of one collector.
struct Runs {
    name: String,
    schedule: Schedule,
    registers: WeakRegisters,
    clock: Clock,
    meters: Meters,
    /// How many failed in a row, up to now.
    failures: u64,
}

impl Runs {
    /// Runs at each beat, until nobody holds the registers any more.
    async fn go_on<C, F>(mut self, mut beats: Interval, mut collect: C)
    where
        C: FnMut() -> F + Send + 'static,
        F: Future<Output: Collected> + Send + 'static,
    {
        loop {
            beats.tick().await;
            let began = self.clock.now();
            let Some(outcome) = self.run(&mut collect).await else { return };
            self.meters.ended(self.clock.now().since(began));
            match outcome {
                Ok(()) => self.succeeded(),
                Err(failure) => self.failed(&failure),
            }
            // A beat that came meanwhile would be made up for at once, and a slow collector would never rest.
            poll_fn(|context| Poll::Ready(beats.poll_tick(context).is_ready())).await;
        }
    }

    /// One run; `None` where there is nothing to record into.
    async fn run<C, F>(&self, collect: &mut C) -> Option<Result<(), Failure>>
    where
        C: FnMut() -> F + Send + 'static,
        F: Future<Output: Collected> + Send + 'static,
    {
        // The closure is called in the first poll, so that it is inside the recorder as its future is.
        let mut run = Box::pin(async { collect().await.collected() });
        let polled = poll_fn(|context| match self.inside(|| run.as_mut().poll(context)) {
            None => Poll::Ready(None),
            Some(Ok(Poll::Pending)) => Poll::Pending,
            Some(Ok(Poll::Ready(collected))) => Poll::Ready(Some(collected.map_err(Failure::Error))),
            Some(Err(panic)) => Poll::Ready(Some(Err(panic))),
        });
        let limit = self.schedule.timeout();
        let outcome = timeout(limit, polled).await.unwrap_or(Some(Err(Failure::Timeout(limit))));
        // What is dropped may record and panic too, and has nothing to add to the outcome.
        let _ = self.inside(|| drop(run));
        outcome
    }

    /// Does something in the watch's recorder, and survives its panic.
    fn inside<T>(&self, work: impl FnOnce() -> T) -> Option<Result<T, Failure>> {
        let registers = self.registers.upgrade()?;
        let isolated = || catch_unwind(AssertUnwindSafe(work));
        let done = metrics::with_local_recorder(&registers, isolated);
        Some(done.map_err(|panic| Failure::Panic(message(&*panic))))
    }

    fn succeeded(&mut self) {
        self.meters.succeeded(self.clock.wall());
        let failures = std::mem::take(&mut self.failures);
        if failures > 0 {
            tracing::info!(collector = self.name, failures, "a collector works again");
        }
    }

    fn failed(&mut self, failure: &Failure) {
        self.meters.failed(failure);
        self.failures += 1;
        if self.failures == 1 {
            tracing::warn!(
                collector = self.name,
                reason = %failure,
                "a collector has begun to fail, so its numbers are old; it is tried again at each beat"
            );
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => f.write_str(error),
            Self::Panic(message) => write!(f, "it panicked: {message}"),
            Self::Timeout(limit) => write!(f, "it took longer than {limit:?}"),
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".into())
}
