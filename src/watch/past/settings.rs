//! What there is to say about the past, and how it is started.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::watch::Sender;
use tower_watch_layers::clock::Clock;

use crate::promql::{Limits, QueryEngine};
use crate::registers::Registers;
use crate::series::{Sampler, SamplerSettings, Store, StoreSettings};
use crate::watch::error::Problems;
use crate::watch::past::collector::Collectors;
use crate::watch::past::saver::Saver;
use crate::watch::past::ticker::Ticker;
use crate::watch::past::zone;
use crate::watch::{Preset, WatchBuilder};

/// The shortest and the longest time between two ticks.
const TICKS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(300);

/// The shortest and the longest time between two snapshots.
const SAVES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(3_600);

/// Settings of the past.
#[derive(Debug)]
pub(crate) struct PastSettings {
    /// Where the preset is not to decide.
    kept: Option<bool>,
    store: StoreSettings,
    interval: Duration,
    instance: Option<String>,
    limits: Limits,
    /// Where it was given and can be used.
    zone: Option<TimeZone>,
    zone_problem: Option<String>,
    pub(crate) data_dir: Option<PathBuf>,
    save_every: Duration,
}

impl Default for PastSettings {
    fn default() -> Self {
        Self {
            kept: None,
            store: StoreSettings::default(),
            interval: Duration::from_secs(5),
            instance: None,
            limits: Limits::default(),
            zone: None,
            zone_problem: None,
            data_dir: None,
            save_every: Duration::from_secs(60),
        }
    }
}

/// The past of a watch, where one is kept, and the collectors that bring in numbers.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) collectors: Arc<Collectors>,
    pub(crate) kept: Option<Kept>,
}

/// A past that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) store: Arc<Store>,
    pub(crate) ticker: Arc<Ticker>,
    pub(crate) queries: QueryEngine,
    saver: Option<Arc<Saver>>,
    /// Whether the last tick and the last snapshot are made.
    finished: Sender<bool>,
    /// From one tick to the next, in milliseconds.
    pub(crate) tick: i64,
    /// Whose midnight begins a day.
    pub(crate) zone: TimeZone,
}

impl Past {
    /// Starts the threads that tick and save, unless time is a test's.
    pub(crate) fn start(&self, registers: &Registers, clock: &Clock) {
        let Some(Kept { ticker, saver, .. }) = &self.kept else { return };
        if clock.is_fake() {
            return;
        }
        ticker.start(registers);
        if let Some(saver) = saver {
            saver.start(ticker);
        }
    }

    /// Ends the collectors, and makes the last tick and the last snapshot on a thread of their own. Whoever calls
    /// it meanwhile or later waits for the same ones.
    pub(crate) async fn finish(&self, registers: &Registers) {
        self.collectors.shut_down();
        let Some(kept) = &self.kept else { return };
        let mut finished = kept.finished.subscribe();
        if kept.ticker.stop() {
            kept.finish(registers.clone());
        }
        // It cannot be closed: its other end is here.
        let _ = finished.wait_for(|finished| *finished).await;
    }
}

impl Kept {
    fn finish(&self, registers: Registers) {
        let (ticker, saver) = (Arc::clone(&self.ticker), self.saver.clone());
        let said = SaidAtTheEnd(self.finished.clone());
        let work = move || {
            let _said = said;
            ticker.tick(&registers);
            if let Some(saver) = saver {
                saver.finish(ticker.now());
            }
        };
        if let Err(error) = thread::Builder::new().name("tower-watch-finish".into()).spawn(work) {
            tracing::error!(%error, "no thread could be started for the last tick and the last snapshot");
        }
    }
}

/// Says that it is finished, also where the work panicked or had no thread.
struct SaidAtTheEnd(Sender<bool>);

impl Drop for SaidAtTheEnd {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

impl WatchBuilder {
    /// Keeps the recent past with these settings, whatever the preset says.
    pub fn store(mut self, settings: StoreSettings) -> Self {
        self.past.kept = Some(true);
        self.past.store = settings;
        self
    }

    /// Keeps nothing of the past: no tick, no queries.
    pub fn without_store(mut self) -> Self {
        self.past.kept = Some(false);
        self
    }

    /// Changes the time from one reading of all numbers to the next: 100 ms to 5 min, 5 s by default.
    pub fn tick(mut self, interval: Duration) -> Self {
        self.past.interval = interval;
        self
    }

    /// What tells this process from the others of its service: the label `instance` on everything in the store. By
    /// default the host's name.
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.past.instance = Some(instance.into());
        self
    }

    /// The time zone whose midnight begins a day for [`Watch::today`](crate::Watch::today): a name such as
    /// `Europe/Zurich`. By default that of the system, which in a container mostly is UTC.
    pub fn time_zone(mut self, name: &str) -> Self {
        match zone::named(name) {
            Ok(zone) => (self.past.zone, self.past.zone_problem) = (Some(zone), None),
            Err(problem) => self.past.zone_problem = Some(problem),
        }
        self
    }

    /// Keeps the past in this directory too, so that a restart does not forget it. It is for one process at a time, and
    /// has to be on a volume that survives the restart.
    ///
    /// Where it cannot be used (read-only, full, locked by another process), everything works in memory, with one
    /// warning and `tower_watch_snapshot_available` at 0.
    pub fn data_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.past.data_dir = Some(directory.into());
        self
    }

    /// Changes how often the past is written to disk: 1 s to 1 h, every minute by default. A process that is killed
    /// loses as much of it.
    pub fn snapshot_every(mut self, interval: Duration) -> Self {
        self.past.save_every = interval;
        self
    }

    /// Changes how much one query may take.
    pub fn query_limits(mut self, limits: Limits) -> Self {
        self.past.limits = limits;
        self
    }
}

impl PastSettings {
    pub(crate) fn check(&self, preset: Preset, problems: &mut Problems) {
        for problem in self.store.problems() {
            problems.add("store", problem);
        }
        if !TICKS.contains(&self.interval) {
            let interval = self.interval;
            problems.add("tick", format_args!("{interval:?}: give 100 ms to 5 minutes; 5 s is the default"));
        }
        if let Some(problem) = &self.zone_problem {
            problems.add("time_zone", problem);
        }
        if !SAVES.contains(&self.save_every) {
            let interval = self.save_every;
            problems.add(
                "snapshot_every",
                format_args!("{interval:?}: give 1 s to 1 hour; a minute is the default"),
            );
        }
        if self.data_dir.as_deref().is_some_and(|directory| directory.as_os_str().is_empty()) {
            problems.add("data_dir", "an empty path is no directory; give one, or leave it out");
        }
        if self.data_dir.is_some() && !self.is_kept(preset) {
            problems.add(
                "data_dir",
                "nothing is kept of the past (preset Fleet, or without_store), so nothing would be written there; \
                 leave it out, or keep the past with store",
            );
        }
        if self.instance.as_deref().is_some_and(|instance| instance.trim().is_empty()) {
            problems
                .add("instance", "an empty name tells nothing apart; give the host or pod, or leave it out");
        }
    }

    pub(crate) fn is_kept(&self, preset: Preset) -> bool {
        self.kept.unwrap_or(preset != Preset::Fleet)
    }

    /// Makes the store and reads what is on disk. Nothing runs before [`Past::start`].
    pub(crate) fn open(self, preset: Preset, service: &str, registers: &Registers, clock: &Clock) -> Past {
        let collectors = Collectors::new(clock.clone());
        if !self.is_kept(preset) {
            return Past { collectors, kept: None };
        }
        let instance =
            self.instance.unwrap_or_else(|| gethostname::gethostname().to_string_lossy().into_owned());
        let settings = SamplerSettings::new()
            .with_interval(self.interval)
            .with_label("job", service)
            .with_label("instance", instance)
            .with_clock(clock.clone());
        let store = Arc::new(Store::with_settings(&self.store));
        let mut sampler = Sampler::new(Arc::clone(&store), registers, settings);
        let saver = match &self.data_dir {
            Some(directory) => Saver::open(directory, self.save_every, &mut sampler, registers),
            None => None,
        };
        let ticker = Arc::new(Ticker::new(sampler));
        let queries = QueryEngine::new(Arc::clone(&store)).with_limits(self.limits).with_clock(clock.clone());
        let tick = i64::try_from(self.interval.as_millis()).unwrap_or(i64::MAX);
        let zone = self.zone.unwrap_or_else(TimeZone::system);
        let finished = Sender::new(false);
        Past { collectors, kept: Some(Kept { store, ticker, queries, saver, finished, tick, zone }) }
    }
}
