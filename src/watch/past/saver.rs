//! The past on disk: restored at the start, saved on a schedule and at the end.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use metrics::{Counter, Gauge, Key, Level, Metadata, Recorder, Unit};

use crate::registers::Registers;
use crate::series::disk::{DiskError, Opened, Restored, SeriesFile, SetAside};
use crate::series::{Sampler, Store};
use crate::watch::past::ticker::Ticker;

/// A series file, and when it is written.
///
/// It has a thread of its own, so that a disk that hangs delays no tick.
#[derive(Debug)]
pub(crate) struct Saver {
    state: Mutex<State>,
    store: Arc<Store>,
    every: Duration,
    meters: Meters,
}

#[derive(Debug)]
struct State {
    /// `None` after the last save: then it is free for the next process.
    file: Option<SeriesFile>,
    /// Whether the last save failed, and so was said.
    failing: bool,
}

impl Saver {
    /// Opens the file in `directory` and fills the store with it. Without a file to be had, the store is in memory
    /// only, and a warning says so.
    pub(crate) fn open(
        directory: &Path,
        every: Duration,
        sampler: &mut Sampler,
        registers: &Registers,
    ) -> Option<Arc<Self>> {
        let meters = Meters::new(registers);
        meters.available.set(0.0);
        let (file, restored) = match restore(directory, sampler) {
            Ok(opened) => opened,
            Err(error) => {
                tracing::warn!("the past is kept in memory only, and a restart forgets it: {error}");
                return None;
            }
        };
        if let Some(latest) = restored.latest {
            sampler.resume(latest);
        }
        let Restored { series, samples, dropped, expired, skipped, .. } = restored;
        tracing::info!(series, samples, dropped, expired, skipped, "restored the series store");
        meters.available.set(1.0);
        let state = Mutex::new(State { file: Some(file), failing: false });
        Some(Arc::new(Self { state, store: Arc::clone(sampler.store()), every, meters }))
    }

    /// Starts the thread that saves. It ends with the ticker.
    pub(crate) fn start(self: &Arc<Self>, ticker: &Arc<Ticker>) {
        let (saver, ticker) = (Arc::clone(self), Arc::clone(ticker));
        let run = move || {
            while ticker.wait_for(saver.every) {
                saver.save(ticker.now());
            }
        };
        if let Err(error) = thread::Builder::new().name("tower-watch-save".into()).spawn(run) {
            tracing::error!(%error, "no thread could be started that saves the series store: it is only saved at the end");
        }
    }

    /// Saves what there is. A failure is said when it begins, and when it is over.
    pub(crate) fn save(&self, now: i64) {
        self.save_to(&mut self.state(), now);
    }

    /// Saves a last time, and leaves the directory to whoever comes next.
    pub(crate) fn finish(&self, now: i64) {
        let mut state = self.state();
        self.save_to(&mut state, now);
        state.file = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save_to(&self, state: &mut State, now: i64) {
        let Some(file) = &mut state.file else { return };
        match file.save(&self.store, now) {
            Ok(saved) => {
                say_set_aside(saved.set_aside.as_ref());
                if std::mem::take(&mut state.failing) {
                    tracing::info!("the series store is saved again");
                }
                self.meters.saved.set(now as f64 / 1e3);
                self.meters.bytes.set(saved.bytes as f64);
                self.meters.available.set(1.0);
            }
            Err(error) => {
                self.meters.failures.increment(1);
                self.meters.available.set(0.0);
                if !std::mem::replace(&mut state.failing, true) {
                    tracing::error!("the series store was not saved, and is tried again: {error}");
                }
            }
        }
    }
}

fn restore(directory: &Path, sampler: &mut Sampler) -> Result<(SeriesFile, Restored), DiskError> {
    let now = sampler.now();
    let Opened { mut file, set_aside, .. } = SeriesFile::open(directory)?;
    say_set_aside(set_aside.as_ref());
    let restored = file.restore(sampler.store(), now)?;
    say_set_aside(restored.set_aside.as_ref());
    Ok((file, restored))
}

fn say_set_aside(set_aside: Option<&SetAside>) {
    if let Some(set_aside) = set_aside {
        let (path, reason) = (set_aside.path().display(), set_aside.reason());
        tracing::warn!(%path, reason, "the file of the series store could not be read and was set aside");
    }
}

#[derive(Debug)]
struct Meters {
    available: Gauge,
    saved: Gauge,
    bytes: Gauge,
    failures: Counter,
}

const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

impl Meters {
    fn new(registers: &Registers) -> Self {
        let gauge = |name: &'static str, unit: Unit, help: &'static str| {
            registers.describe_gauge(name.into(), Some(unit), help.into());
            registers.register_gauge(&Key::from_name(name), &METADATA)
        };
        let failures = "tower_watch_snapshot_failures_total";
        let help = "Snapshots of the series store that could not be written.";
        registers.describe_counter(failures.into(), Some(Unit::Count), help.into());
        Self {
            available: gauge(
                "tower_watch_snapshot_available",
                Unit::Count,
                "1 if the past is on disk, 0 if it is in memory only.",
            ),
            saved: gauge(
                "tower_watch_snapshot_timestamp_seconds",
                Unit::Seconds,
                "When the series store was saved last, in Unix time.",
            ),
            bytes: gauge("tower_watch_snapshot_bytes", Unit::Bytes, "Size of the series store's file."),
            failures: registers.register_counter(&Key::from_name(failures), &METADATA),
        }
    }
}
