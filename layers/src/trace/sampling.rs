//! How much is sampled.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{HeaderMap, HeaderName};

use crate::clock::Clock;
use crate::observe::Slot;
use crate::ratio::Ratio;
use crate::trace::DebugHeaderError;
use crate::trace::debug_header::DebugHeader;
use crate::trace::raised::Raised;
use crate::w3c::TraceId;

/// How it is decided which traces are sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SamplingMode {
    /// Every trace, whatever the caller, the route or the tenant says.
    AlwaysOn,
    /// No trace, whatever else is said.
    AlwaysOff,
    /// This share of all traces, whatever the caller decided.
    Ratio(Ratio),
    /// As the caller decided, and this share of the traces that begin here.
    ParentBased(Ratio),
}

/// How much is sampled, and whether a caller's decision is followed. A handle: clones share it, and it can be changed while
/// requests run.
///
/// Under [`SamplingMode::Ratio`] and [`SamplingMode::ParentBased`] the first of these decides: the debug header; the caller
/// (`ParentBased` only); the share of the request's tenant; that of its route
/// ([`RoutePolicy::sampling`](crate::policy::RoutePolicy::sampling)); a share that was [raised](Self::raise) for a while;
/// the general one. A share is taken of trace ids, so that services with the same share choose the same traces
/// (<https://opentelemetry.io/docs/specs/otel/trace/sdk/#traceidratiobased>).
///
/// A decision costs a few reads of atomics; with a debug header one header lookup more, and with shares of tenants a hash
/// lookup.
#[derive(Clone, Debug)]
pub struct Sampling {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    kind: AtomicU8,
    ratio: AtomicU64,
    raised: Raised,
    has_tenants: AtomicBool,
    tenants: ArcSwap<HashMap<Box<str>, Ratio>>,
    debug: OnceLock<DebugHeader>,
}

const OFF: u8 = 0;
const ON: u8 = 1;
const RATIO: u8 = 2;
const PARENT_BASED: u8 = 3;

impl Default for Sampling {
    fn default() -> Self {
        Self::parent_based(Ratio::ALL)
    }
}

impl Sampling {
    /// Decides in this way.
    #[must_use]
    pub fn new(mode: SamplingMode) -> Self {
        let sampling = Self {
            shared: Arc::new(Shared {
                kind: AtomicU8::new(OFF),
                ratio: AtomicU64::new(0),
                raised: Raised::default(),
                has_tenants: AtomicBool::new(false),
                tenants: ArcSwap::default(),
                debug: OnceLock::new(),
            }),
        };
        sampling.set_mode(mode);
        sampling
    }

    /// Follows a caller that decided, and samples this share of all others.
    #[must_use]
    pub fn parent_based(ratio: Ratio) -> Self {
        Self::new(SamplingMode::ParentBased(ratio))
    }

    /// Always samples a request that carries this token in this header, so that one request can be followed in a service
    /// that samples few: `curl -H 'x-debug: TOKEN'`. The token is compared in constant time, and neither it nor the header
    /// is ever shown. A second header is ignored.
    ///
    /// # Errors
    ///
    /// A token of less than 16 bytes.
    pub fn with_debug_header(self, name: HeaderName, token: &str) -> Result<Self, DebugHeaderError> {
        let _ = self.shared.debug.set(DebugHeader::new(name, token)?);
        Ok(self)
    }

    /// Samples this share of a tenant's traces. The tenant is the one that the request claims at its start.
    #[must_use]
    pub fn with_tenant(self, tenant: &str, ratio: Ratio) -> Self {
        self.set_tenant(tenant, Some(ratio));
        self
    }

    /// Measures the time of [`raise`](Self::raise) by this clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        self.shared.raised.set_clock(clock);
        self
    }

    /// How it is decided now; what was raised is not in it.
    #[must_use]
    pub fn mode(&self) -> SamplingMode {
        let ratio = Ratio::from_bits(self.shared.ratio.load(Ordering::Relaxed));
        match self.shared.kind.load(Ordering::Relaxed) {
            OFF => SamplingMode::AlwaysOff,
            ON => SamplingMode::AlwaysOn,
            RATIO => SamplingMode::Ratio(ratio),
            _ => SamplingMode::ParentBased(ratio),
        }
    }

    /// Decides in this way from now on.
    pub fn set_mode(&self, mode: SamplingMode) {
        let (kind, ratio) = match mode {
            SamplingMode::AlwaysOff => (OFF, Ratio::NONE),
            SamplingMode::AlwaysOn => (ON, Ratio::ALL),
            SamplingMode::Ratio(ratio) => (RATIO, ratio),
            SamplingMode::ParentBased(ratio) => (PARENT_BASED, ratio),
        };
        self.shared.ratio.store(ratio.to_bits(), Ordering::Relaxed);
        self.shared.kind.store(kind, Ordering::Relaxed);
    }

    /// The share that is sampled now of the traces that begin here.
    #[must_use]
    #[inline]
    pub fn ratio(&self) -> Ratio {
        let shared = &*self.shared;
        match shared.kind.load(Ordering::Relaxed) {
            OFF => Ratio::NONE,
            ON => Ratio::ALL,
            _ => shared.raised.ratio().unwrap_or(Ratio::from_bits(shared.ratio.load(Ordering::Relaxed))),
        }
    }

    /// Samples this share from now on, and ends what was raised. `AlwaysOn` and `AlwaysOff` become `Ratio`.
    pub fn set_ratio(&self, ratio: Ratio) {
        let shared = &*self.shared;
        shared.raised.end();
        shared.ratio.store(ratio.to_bits(), Ordering::Relaxed);
        if matches!(shared.kind.load(Ordering::Relaxed), OFF | ON) {
            shared.kind.store(RATIO, Ordering::Relaxed);
        }
    }

    /// Samples this share for a while, then what was sampled before. A second call replaces the first. It changes nothing
    /// under `AlwaysOn` and `AlwaysOff`, nor for routes and tenants with a share of their own.
    pub fn raise(&self, ratio: Ratio, lasts: Duration) {
        self.shared.raised.begin(ratio, lasts);
    }

    /// Samples this share of a tenant's traces from now on; `None`: as many as of all others.
    pub fn set_tenant(&self, tenant: &str, ratio: Option<Ratio>) {
        let shared = &*self.shared;
        let tenants = shared.tenants.rcu(|tenants| {
            let mut tenants = HashMap::clone(tenants);
            match ratio {
                Some(ratio) => tenants.insert(tenant.into(), ratio),
                None => tenants.remove(tenant),
            };
            tenants
        });
        drop(tenants);
        shared.has_tenants.store(!shared.tenants.load().is_empty(), Ordering::Relaxed);
    }

    /// The header of [`with_debug_header`](Self::with_debug_header), which is never shown.
    pub(crate) fn debug_header(&self) -> Option<&HeaderName> {
        self.shared.debug.get().map(DebugHeader::name)
    }

    /// Whether the trace of a request is sampled. `parent`: what the caller decided, where its trace is continued.
    #[inline]
    pub(crate) fn decide(
        &self,
        headers: &HeaderMap,
        slot: &Slot,
        trace: TraceId,
        parent: Option<bool>,
    ) -> bool {
        let shared = &*self.shared;
        let kind = shared.kind.load(Ordering::Relaxed);
        if kind <= ON {
            return kind == ON;
        }
        if shared.debug.get().is_some_and(|debug| debug.is_in(headers)) {
            return true;
        }
        match parent {
            Some(sampled) if kind == PARENT_BASED => sampled,
            _ => self.ratio_of(slot).includes(trace),
        }
    }

    #[inline]
    fn ratio_of(&self, slot: &Slot) -> Ratio {
        let tenant =
            if self.shared.has_tenants.load(Ordering::Relaxed) { self.tenant_ratio(slot) } else { None };
        tenant.or_else(|| slot.sampling()).unwrap_or_else(|| self.ratio())
    }

    fn tenant_ratio(&self, slot: &Slot) -> Option<Ratio> {
        slot.with_tenant(|tenant, _| self.shared.tenants.load().get(tenant.as_str()).copied()).flatten()
    }
}
