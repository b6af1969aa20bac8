//! The observer that counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::response::Parts;
use metrics::Counter;
use tower_layer::Layer;

use crate::cache::Chain;
use crate::exemplar;
use crate::facade::{self, SharedRecorder};
use crate::method::MethodIndex;
use crate::observe::{End, Exchange, Observe, ObserveLayer, Observer, Settings, Slot, Start};
use crate::red::handles::{MethodHandles, RouteHandles};
use crate::red::label::{Labels, Said};
use crate::red::maker::Maker;
use crate::red::naming::Names;
use crate::red::tenants::Tenants;
use crate::red::{Collect, RedConfig};
use crate::route::{Route, RouteState};

/// Records rate, errors, duration, requests in flight and sizes. Alone it is a layer; in a preset it is one of the
/// observers.
///
/// Cost per request: no allocation once a route, method and status have been met; one update of each metric.
///
/// An exchange is counted once, also where two such layers with the same recorder and names stand in one stack: the
/// outer one counts, and says so in a warning. Under two namings it is counted under each.
#[derive(Clone, Debug)]
pub struct RedLayer {
    observe: ObserveLayer<RedObserver>,
}

/// The service of [`RedLayer`].
pub type Red<S> = Observe<S, RedObserver>;

impl Default for RedLayer {
    fn default() -> Self {
        Self::new(&RedConfig::default())
    }
}

impl RedLayer {
    /// A layer that counts requests only.
    #[must_use]
    pub fn new(config: &RedConfig) -> Self {
        Self { observe: ObserveLayer::new(RedObserver::new(config)) }
    }

    /// The same with settings of one's own.
    #[must_use]
    pub fn with_settings(config: &RedConfig, settings: Settings) -> Self {
        Self { observe: ObserveLayer::with_settings(RedObserver::new(config), settings) }
    }
}

impl<S> Layer<S> for RedLayer {
    type Service = Red<S>;

    fn layer(&self, inner: S) -> Red<S> {
        self.observe.layer(inner)
    }
}

/// Counts each exchange at its end; see [`RedLayer`].
///
/// One observer records into one recorder: do not share it between layers whose settings name different ones.
#[derive(Clone, Debug)]
pub struct RedObserver {
    pub(crate) core: Arc<Core>,
}

/// What all exchanges of an observer share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) names: Names,
    /// Of the names, to tell two sets of metrics apart.
    names_hash: usize,
    pub(crate) collect: Collect,
    routes: RouteState<RouteHandles>,
    labels: Labels,
    tenants: Option<Tenants>,
    overflows: Chain<&'static str, Counter>,
    /// Whether there is a recorder to make handles from, and it was told what the metrics mean.
    bound: AtomicBool,
    warned: Warned,
}

/// What was warned of already.
#[derive(Debug, Default)]
struct Warned {
    twice: AtomicBool,
    unbound: AtomicBool,
    undeclared: AtomicBool,
}

impl RedObserver {
    /// Counts what the configuration says.
    #[must_use]
    pub fn new(config: &RedConfig) -> Self {
        let core = Core {
            names: config.names.clone(),
            names_hash: config.names.hash(),
            collect: config.collect,
            routes: RouteState::new(),
            labels: Labels::new(&config.labels),
            tenants: config.tenants.as_ref().map(|tenants| Tenants::new(tenants, config.clock.clone())),
            overflows: Chain::default(),
            bound: AtomicBool::new(false),
            warned: Warned::default(),
        };
        Self { core: Arc::new(core) }
    }
}

impl Core {
    #[inline]
    pub(crate) fn maker<'a>(&'a self, recorder: Option<&'a SharedRecorder>) -> Maker<'a> {
        Maker { names: &self.names, collect: &self.collect, recorder, overflows: &self.overflows }
    }

    /// A number that stands for the metrics that are counted into: the recorder, and the names.
    fn identity(&self, recorder: Option<&SharedRecorder>) -> usize {
        facade::identity(recorder).wrapping_add(self.names_hash) | 1
    }

    /// Whether there is a recorder by now. A handle made before records nothing for ever, so none is kept then.
    #[inline]
    pub(crate) fn is_bound(&self, recorder: Option<&SharedRecorder>) -> bool {
        self.bound.load(Ordering::Relaxed) || self.bind(recorder)
    }

    #[cold]
    fn bind(&self, recorder: Option<&SharedRecorder>) -> bool {
        if !facade::is_bound(recorder) {
            if !self.warned.unbound.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    "requests are not counted yet: no metrics recorder is installed; start a Watch, or install one"
                );
            }
            return false;
        }
        if !self.bound.swap(true, Ordering::Relaxed) {
            self.maker(recorder).describe();
        }
        true
    }

    /// What a route records into.
    #[inline]
    pub(crate) fn handles<'r>(&self, route: &'r Route) -> &'r RouteHandles {
        self.routes.get(route, RouteHandles::default)
    }

    /// What an exchange of this route and method records into.
    #[inline]
    fn handles_of<'s>(&self, slot: &'s Slot) -> &'s Arc<MethodHandles> {
        let (route, method) = (slot.route(), MethodIndex::of(slot.method()));
        self.handles(route).method(method, route, &self.maker(slot.recorder()))
    }

    /// A label that nobody declared cannot be recorded; say so once, as it is a typing error mostly.
    fn warn_of_undeclared(&self, slot: &Slot) {
        let Some(set) = slot.late_label_names().filter(|set| !set.is_empty()) else { return };
        let undeclared = set.iter().find(|name| !self.labels.names().any(|known| known == **name));
        if let Some(name) = undeclared
            && !self.warned.undeclared.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(label = %name, "a label is set that was never declared, and so is not recorded");
        }
    }
}

impl Observer for RedObserver {
    type Exchange = RedExchange;

    fn begin(&self, start: &mut Start<'_>) -> Option<RedExchange> {
        let slot = start.slot();
        let core = &self.core;
        if !slot.claim(core.identity(slot.recorder())) {
            if !core.warned.twice.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    "two layers count the same requests into the same metrics; the outer one counts"
                );
            }
            return None;
        }
        // What the table turns off, the route's layer or the handler may still turn on.
        let is_counted = !slot.is_off() && core.is_bound(slot.recorder());
        let in_flight = is_counted.then(|| InFlight::begin(Arc::clone(core.handles_of(slot))));
        let from_request = core.labels.read(start.head());
        Some(RedExchange { core: Arc::clone(core), in_flight, from_request })
    }
}

/// One exchange of [`RedObserver`].
#[derive(Debug)]
pub struct RedExchange {
    core: Arc<Core>,
    in_flight: Option<InFlight>,
    /// What the request says about the application's own labels.
    from_request: Option<Box<[Option<Said>]>>,
}

/// One exchange in flight. The gauge that it was counted up on comes down with it, however it goes.
#[derive(Debug)]
struct InFlight(Arc<MethodHandles>);

impl InFlight {
    fn begin(handles: Arc<MethodHandles>) -> Self {
        handles.in_flight.increment(1.0);
        Self(handles)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.decrement(1.0);
    }
}

impl Exchange for RedExchange {
    #[inline]
    fn response(&mut self, _: &mut Parts, slot: &Slot) {
        if slot.is_off() {
            self.in_flight = None;
        }
    }

    fn end(self, end: &End<'_>) {
        let (slot, core) = (end.slot, &*self.core);
        slot.release(core.identity(slot.recorder()));
        if slot.is_off() || !core.is_bound(slot.recorder()) {
            return;
        }
        let maker = core.maker(slot.recorder());
        let handles = match &self.in_flight {
            // An inner layer may have refined the route since the start.
            Some(InFlight(handles)) if !slot.is_route_refined() => handles,
            _ => core.handles_of(slot),
        };
        exemplar::with(slot.trace().filter(|trace| trace.sampled).map(|trace| trace.trace_id), || {
            if core.labels.is_empty() {
                handles.plain().record(end, &maker);
            } else {
                let from_request = self.from_request.as_deref().unwrap_or_default();
                let values = core.labels.resolve(end, from_request, |label| maker.overflow(label));
                handles.labelled(core.labels.names(), &values).record(end, &maker);
            }
            if let Some(tenants) = &core.tenants {
                tenants.record(end, &maker);
            }
        });
        maker.overflow_of(slot.route());
        core.warn_of_undeclared(slot);
    }
}
