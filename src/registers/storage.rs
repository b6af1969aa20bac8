//! How a new register is made: the one moment when a series may allocate.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use metrics::atomics::AtomicU64;
use metrics::{Key, Label};
use metrics_util::registry::Storage;
use tower_watch_layers::clock::Clock;

use crate::registers::catalog::Catalog;
use crate::registers::cells::{CounterCell, GaugeCell, HistogramCell};
use crate::registers::exemplars::Exemplars;
use crate::registers::series::{Kind, SeriesKey};

/// Makes the registry's registers. Its keys are canonical already.
#[derive(Debug)]
pub(crate) struct CellStorage {
    pub(crate) catalog: Catalog,
    pub(crate) globals: Box<[Label]>,
    pub(crate) clock: Clock,
    next_id: AtomicU64,
}

impl CellStorage {
    pub(crate) fn new(catalog: Catalog, globals: Vec<Label>, clock: Clock) -> Self {
        Self { catalog, globals: globals.into_boxed_slice(), clock, next_id: AtomicU64::new(1) }
    }

    fn series(&self, kind: Kind, key: &Key) -> Arc<SeriesKey> {
        let id = self.next_id.fetch_add(1, Relaxed);
        Arc::new(SeriesKey::new(id, kind, key, &self.globals))
    }
}

impl Storage<Key> for CellStorage {
    type Counter = Arc<CounterCell>;
    type Gauge = Arc<GaugeCell>;
    type Histogram = Arc<HistogramCell>;

    fn counter(&self, key: &Key) -> Self::Counter {
        Arc::new(CounterCell::new(self.series(Kind::Counter, key)))
    }

    fn gauge(&self, key: &Key) -> Self::Gauge {
        Arc::new(GaugeCell::new(self.series(Kind::Gauge, key)))
    }

    fn histogram(&self, key: &Key) -> Self::Histogram {
        let series = self.series(Kind::Histogram, key);
        let family = self.catalog.family(Kind::Histogram, key.name());
        let exemplars = family.exemplars.then(|| Exemplars::new(self.clock.clone(), family.bounds.len() + 1));
        Arc::new(HistogramCell::new(series, Arc::clone(&family.bounds), exemplars))
    }
}
