//! A directory that goes away, and a process that is restarted as often as a test likes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder};
use tower_watch::registers::Registers;
use tower_watch::series::disk::{DiskErrorKind, Restored, Saved, SeriesFile};
use tower_watch::series::{Labels, Matcher, Sampler, SamplerSettings, Selected, Store, StoreSettings};
use tower_watch::testing::{Clock, FakeClock};

/// Where the fake clock begins: a whole multiple of any interval.
pub(crate) const BEGIN: i64 = 1_767_225_600_000;

/// In the child processes, the directory to work in.
const DIRECTORY: &str = "TOWER_WATCH_TEST_DIRECTORY";

/// A directory for one test.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tower-watch-disk-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The data directory, which is not there yet.
    pub(crate) fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.data().join("series.redb")
    }

    /// The names of the files that were set aside.
    pub(crate) fn set_aside(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.data()).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).filter(|name| name.contains("unreadable")).collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a process has in memory: registers, the store, and the sampler between them.
pub(crate) struct Process {
    pub(crate) registers: Registers,
    pub(crate) sampler: Sampler,
    pub(crate) hand: FakeClock,
    clock: Clock,
}

impl Process {
    /// Begins `after` the fake clock's beginning.
    pub(crate) fn new(after: Duration) -> Self {
        Self::with_store(after, &StoreSettings::new())
    }

    pub(crate) fn with_interval(after: Duration, interval: Duration) -> Self {
        Self::with(after, &StoreSettings::new(), SamplerSettings::new().with_interval(interval))
    }

    pub(crate) fn with_store(after: Duration, settings: &StoreSettings) -> Self {
        Self::with(after, settings, SamplerSettings::new())
    }

    fn with(after: Duration, store: &StoreSettings, sampler: SamplerSettings) -> Self {
        let (clock, hand) = Clock::fake();
        hand.advance(after);
        let registers = Registers::new();
        let store = Arc::new(Store::with_settings(store));
        let sampler = Sampler::new(store, &registers, sampler.with_clock(clock.clone()));
        Self { registers, sampler, hand, clock }
    }

    /// As if the process had begun anew, but with the store kept.
    pub(crate) fn restart_in_place(&mut self) {
        self.registers = Registers::new();
        let settings = SamplerSettings::new().with_clock(self.clock.clone());
        self.sampler = Sampler::new(Arc::clone(self.sampler.store()), &self.registers, settings);
    }

    pub(crate) fn counter(&self, name: &'static str, number: usize) -> Counter {
        self.registers.register_counter(&key(name, number), &METADATA)
    }

    pub(crate) fn gauge(&self, name: &'static str, number: usize) -> Gauge {
        self.registers.register_gauge(&key(name, number), &METADATA)
    }

    pub(crate) fn store(&self) -> &Store {
        self.sampler.store()
    }

    /// A tick at the next whole five seconds.
    pub(crate) fn tick(&mut self) -> i64 {
        let wait = self.sampler.until_due();
        self.hand.advance(wait);
        self.sampler.tick(&self.registers).unwrap()
    }

    pub(crate) fn save(&mut self, file: &mut SeriesFile) -> Saved {
        let now = self.sampler.now();
        file.save(self.sampler.store(), now).unwrap()
    }

    pub(crate) fn restore(&mut self, file: &mut SeriesFile) -> Restored {
        let now = self.sampler.now();
        let restored = file.restore(self.sampler.store(), now).unwrap();
        if let Some(latest) = restored.latest {
            self.sampler.resume(latest);
        }
        restored
    }
}

pub(crate) const METADATA: Metadata<'_> = Metadata::new("test", Level::INFO, None);

fn key(name: &'static str, number: usize) -> Key {
    Key::from_parts(name, vec![Label::new("number", number.to_string())])
}

/// Opens a directory in which all should be well. A lock that was just given back may be held for a moment longer, by a process
/// that another test is starting: it has our files too, until it becomes its own program.
pub(crate) fn open(data: &Path) -> SeriesFile {
    let until = Instant::now() + Duration::from_secs(10);
    let opened = loop {
        match SeriesFile::open(data) {
            Err(error) if error.kind() == DiskErrorKind::Locked && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(5));
            }
            opened => break opened.unwrap(),
        }
    };
    assert!(opened.set_aside.is_none(), "{:?}", opened.set_aside);
    opened.file
}

/// All series of a store with all their samples.
pub(crate) fn everything(store: &Store) -> Vec<Selected> {
    store.select(&[], i64::MIN / 4, i64::MAX / 4, usize::MAX).unwrap()
}

/// The samples of one series, the times in milliseconds since the clock's beginning; `None` is the staleness marker.
pub(crate) fn samples(store: &Store, name: &str) -> Vec<(i64, Option<f64>)> {
    let name = [Matcher::equal("__name__", name)];
    let selected = store.select(&name, i64::MIN / 4, i64::MAX / 4, usize::MAX).unwrap();
    assert_eq!(selected.len(), 1, "{selected:?}");
    rows(&selected[0]).collect()
}

pub(crate) fn rows(selected: &Selected) -> impl Iterator<Item = (i64, Option<f64>)> {
    let values = selected.samples.values.iter().map(|v| (!tower_watch::series::is_stale(*v)).then_some(*v));
    selected.samples.times.iter().map(|time| time - BEGIN).zip(values)
}

pub(crate) fn labels(name: &str, number: usize) -> Labels {
    Labels::new([("__name__", name.to_owned()), ("number", number.to_string())])
}

/// A command that runs one ignored test of this very program in a process of its own, in this directory.
pub(crate) fn child(test: &str, data: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", test]).env(DIRECTORY, data);
    command
}

/// The directory of a child process; `None` in a process that is no child.
pub(crate) fn directory_of_child() -> Option<PathBuf> {
    std::env::var_os(DIRECTORY).map(Into::into)
}
