//! Reads the registers of each watch.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::metrics::v1::ScopeMetrics;
use tower_watch_layers::clock::Clock;

use crate::Watch;
use crate::registers::WeakRegisters;
use crate::telemetry::otlp::metrics::beginnings::Beginnings;
use crate::telemetry::otlp::metrics::encode::encode;
use crate::telemetry::otlp::value::{attribute, text, unix_nanos};

/// The registers whose numbers are exported: those of each watch that uses this telemetry, as long as they live. Clones share
/// them.
#[derive(Clone, Debug)]
pub(crate) struct MetricsSource {
    watches: Arc<Mutex<Vec<Watched>>>,
    exemplars: bool,
    clock: Clock,
}

struct Watched {
    service: String,
    registers: WeakRegisters,
    identity: usize,
    beginnings: Beginnings,
}

impl MetricsSource {
    pub(crate) fn new(exemplars: bool) -> Self {
        Self { watches: Arc::default(), exemplars, clock: Clock::system() }
    }

    /// Exports the numbers of this watch too.
    pub(crate) fn attach(&self, watch: &Watch) {
        let registers = watch.registers();
        let now = unix_nanos(self.clock.wall());
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        if watches.iter().all(|watched| watched.identity != registers.identity()) {
            watches.push(Watched {
                service: watch.service().to_owned(),
                registers: registers.downgrade(),
                identity: registers.identity(),
                beginnings: Beginnings::new(now),
            });
        }
    }

    /// All numbers as they are now; none where there are none.
    pub(crate) fn read(&self) -> Option<Vec<ScopeMetrics>> {
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        watches.retain(|watched| watched.registers.upgrade().is_some());
        let several = watches.len() > 1;
        let scopes = watches.iter_mut().filter_map(|watched| self.read_one(watched, several));
        let scopes: Vec<ScopeMetrics> = scopes.filter(|scope| !scope.metrics.is_empty()).collect();
        (!scopes.is_empty()).then_some(scopes)
    }

    fn read_one(&self, watched: &mut Watched, several: bool) -> Option<ScopeMetrics> {
        let registers = watched.registers.upgrade()?;
        registers.sweep_idle();
        let snapshot = registers.snapshot();
        let now = unix_nanos(self.clock.wall());
        let metrics = encode(&snapshot, registers.metadata(), self.exemplars, now, &mut watched.beginnings);
        watched.beginnings.end_round(now);
        // Two watches have the same names, so something has to tell them apart.
        let attributes = several.then(|| attribute("watch", text(&watched.service)));
        let scope = InstrumentationScope {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            attributes: attributes.into_iter().collect(),
            ..InstrumentationScope::default()
        };
        Some(ScopeMetrics { scope: Some(scope), metrics, schema_url: String::new() })
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("service", &self.service).finish_non_exhaustive()
    }
}
