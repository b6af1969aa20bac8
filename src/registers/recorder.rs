//! The recorder: from a key of the facade to a register.

use std::fmt;
use std::sync::Arc;
#[cfg(any(feature = "logs", feature = "series"))]
use std::sync::Weak;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use metrics_util::registry::Registry;

use crate::registers::canonical;
use crate::registers::catalog::Catalog;
use crate::registers::cells::{CounterCell, GaugeCell, HistogramCell};
use crate::registers::endings::Endings;
use crate::registers::expose;
use crate::registers::fanout::{self, Branch};
use crate::registers::format::Format;
use crate::registers::series::{Kind, Reading, SeriesKey};
use crate::registers::snapshot::Snapshot;
use crate::registers::storage::CellStorage;
use crate::registers::sweep::Sweeper;

/// The numbers of one process, or of one part of it: a [`metrics::Recorder`] over atomics.
///
/// A clone is one `Arc`, and shows the same numbers. Two that were built share nothing. See the
/// [module](crate::registers) for an example, the rules for names, and what recording costs.
#[derive(Clone)]
pub struct Registers(Arc<Inner>);

struct Inner {
    registry: Registry<Key, CellStorage>,
    branches: Vec<Branch>,
    sweeper: Sweeper,
    #[cfg_attr(not(feature = "series"), expect(dead_code, reason = "only the past ends with the registers"))]
    endings: Endings,
}

impl Registers {
    pub(crate) fn from_parts(storage: CellStorage, branches: Vec<Branch>, sweeper: Sweeper) -> Self {
        let registry = Registry::new(storage);
        Self(Arc::new(Inner { registry, branches, sweeper, endings: Endings::default() }))
    }

    /// The exposition in this format, in the order of names and then of labels.
    ///
    /// Costs a walk over all series and the text; nothing is locked against those who record. Removes idle series
    /// first, when that is [set up](crate::registers::RegistersBuilder::expire_idle) and due.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        self.0.sweeper.look_and_sweep(&self.0.registry);
        expose::render(&self.snapshot(), &self.0.registry.storage().catalog, format)
    }

    /// A typed copy of every series as it is now, sorted by name and then by labels.
    ///
    /// Each value is read once. Values that are recorded meanwhile are in it or not, one by one; a histogram's
    /// count is always that of its buckets.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::take(&self.0.registry)
    }

    /// Shows every register to `look`, in no particular order and without allocating: the way to sample
    /// thousands of series every few seconds.
    ///
    /// `look` runs under the read lock of a part of the registry, so it must neither register a metric with
    /// these registers nor wait for anything.
    pub fn visit(&self, mut look: impl FnMut(&Arc<SeriesKey>, Reading<'_>)) {
        let registry = &self.0.registry;
        registry.visit_counters(|_, cell| look(&cell.series, Reading::Counter(cell.value())));
        registry.visit_gauges(|_, cell| look(&cell.series, Reading::Gauge(cell.value())));
        let mut scratch = Vec::new();
        registry.visit_histograms(|_, cell| look(&cell.series, cell.read(&mut scratch)));
    }

    /// Removes idle series if a minute has passed since that was last done; returns how many.
    ///
    /// [`render`](Self::render) and the making of a new series do the same, so this is only for a process where
    /// neither happens. Costs nothing where [`expire_idle`](crate::registers::RegistersBuilder::expire_idle) is not set.
    pub fn sweep_idle(&self) -> usize {
        self.0.sweeper.sweep(&self.0.registry)
    }

    /// A number that only clones of these registers share, as long as one of them is there.
    pub(crate) fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// A hold that does not keep the registers.
    #[cfg(any(feature = "logs", feature = "series"))]
    pub(crate) fn downgrade(&self) -> WeakRegisters {
        WeakRegisters(Arc::downgrade(&self.0))
    }

    /// Calls this when the last hold is gone, on the thread that had it: no more than to wake another one.
    #[cfg(feature = "series")]
    pub(crate) fn at_the_end(&self, ending: impl FnOnce() + Send + 'static) {
        self.0.endings.add(ending);
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.0.registry.storage().catalog
    }

    fn canonical(&self, kind: Kind, key: &Key) -> Key {
        let storage = self.0.registry.storage();
        let family = storage.catalog.family(kind, &canonical::metric_name(key.name()));
        canonical::key(kind, family.name.clone(), key, &storage.globals)
    }

    fn describe(&self, kind: Kind, key: &KeyName, unit: Option<Unit>, help: &str) {
        let name = canonical::metric_name(key.as_str());
        self.0.registry.storage().catalog.describe(kind, name, unit, help);
    }

    // In each of these three, only canonical keys are in the registry: a key that is found needs no mending.

    fn counter_cell(&self, key: &Key) -> Arc<CounterCell> {
        let registry = &self.0.registry;
        registry.get_counter(key).unwrap_or_else(|| {
            let key = self.canonical(Kind::Counter, key);
            registry.get_counter(&key).unwrap_or_else(|| {
                self.sweep_idle();
                registry.get_or_create_counter(&key, Arc::clone)
            })
        })
    }

    fn gauge_cell(&self, key: &Key) -> Arc<GaugeCell> {
        let registry = &self.0.registry;
        registry.get_gauge(key).unwrap_or_else(|| {
            let key = self.canonical(Kind::Gauge, key);
            registry.get_gauge(&key).unwrap_or_else(|| {
                self.sweep_idle();
                registry.get_or_create_gauge(&key, Arc::clone)
            })
        })
    }

    fn histogram_cell(&self, key: &Key) -> Arc<HistogramCell> {
        let registry = &self.0.registry;
        registry.get_histogram(key).unwrap_or_else(|| {
            let key = self.canonical(Kind::Histogram, key);
            registry.get_histogram(&key).unwrap_or_else(|| {
                self.sweep_idle();
                registry.get_or_create_histogram(&key, Arc::clone)
            })
        })
    }
}

/// Registers as long as somebody else keeps them.
#[cfg(any(feature = "logs", feature = "series"))]
#[derive(Clone)]
pub(crate) struct WeakRegisters(Weak<Inner>);

#[cfg(any(feature = "logs", feature = "series"))]
impl WeakRegisters {
    pub(crate) fn upgrade(&self) -> Option<Registers> {
        self.0.upgrade().map(Registers)
    }
}

#[cfg(any(feature = "logs", feature = "series"))]
impl fmt::Debug for WeakRegisters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakRegisters").finish_non_exhaustive()
    }
}

impl Default for Registers {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Registers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registers").field("branches", &self.0.branches.len()).finish_non_exhaustive()
    }
}

impl Recorder for Registers {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(Kind::Counter, &key, unit, &description);
        for branch in &self.0.branches {
            branch.describe_counter(key.clone(), unit, description.clone());
        }
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(Kind::Gauge, &key, unit, &description);
        for branch in &self.0.branches {
            branch.describe_gauge(key.clone(), unit, description.clone());
        }
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(Kind::Histogram, &key, unit, &description);
        for branch in &self.0.branches {
            branch.describe_histogram(key.clone(), unit, description.clone());
        }
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        let own = self.counter_cell(key);
        fanout::counter(own, &self.0.branches, |branch| branch.register_counter(key, metadata))
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        let own = self.gauge_cell(key);
        fanout::gauge(own, &self.0.branches, |branch| branch.register_gauge(key, metadata))
    }

    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        let own = self.histogram_cell(key);
        fanout::histogram(own, &self.0.branches, |branch| branch.register_histogram(key, metadata))
    }
}
