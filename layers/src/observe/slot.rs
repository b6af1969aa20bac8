//! What the observers of one exchange, its inner layers and its handler share.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::Method;

use crate::classify::Protocol;
use crate::clock::Clock;
use crate::facade::SharedRecorder;
use crate::observe::{RequestId, Settings, Tenant, User};
use crate::policy::RoutePolicy;
use crate::ratio::Ratio;
use crate::recording::Recording;
use crate::route::Route;
use crate::w3c::{Carried, RemoteParent, TraceContext};

/// The one shared place of an exchange: an `Arc` of it is in the request's extensions.
///
/// Written by whoever knows, read by all that is decided at the end. Observers share through it and so need not
/// know each other. Reading what was settled at the start takes no lock; reading or writing what came later (a
/// late tenant, a user, overrides) takes one that hardly anybody contends for.
pub struct Slot {
    settings: Arc<Settings>,
    protocol: Protocol,
    method: Method,
    route: Arc<Route>,
    refined: OnceLock<Arc<Route>>,
    request_id: SetOnce<RequestId>,
    tenant: SetOnce<EarlyTenant>,
    trace: SetOnce<TraceContext>,
    /// Where a tracer of the user's own gave the exchange other ids.
    renumbered: OnceLock<TraceContext>,
    /// The exchange's own `tracing` span: the layer of a subscriber that marked it, 0 for none, and its id there.
    own_span_layer: AtomicU32,
    own_span: AtomicU64,
    /// Hardly any request brings something to carry.
    carried: OnceLock<Box<Carried>>,
    recording_state: AtomicU8,
    link: OnceLock<Box<RemoteParent>>,
    recording: OnceLock<Arc<Recording>>,
    companion: OnceLock<Box<dyn Any + Send + Sync>>,
    request_bytes: AtomicU64,
    declared_bytes: Option<u64>,
    counted_by: AtomicUsize,
    /// Whether somebody writes its line in the access log.
    has_access_line: AtomicBool,
    /// Whether somebody makes a span of the exchange.
    is_traced: AtomicBool,
    /// Whether `late` was ever written, so that most exchanges never lock it.
    has_late: AtomicBool,
    late: Mutex<Option<Box<Late>>>,
}

/// The tenant as the request claimed it.
#[derive(Debug)]
struct EarlyTenant {
    tenant: Tenant,
    /// Whether an allowlist or a validator knows it.
    vouched: bool,
}

#[derive(Debug, Default)]
struct Late {
    tenant: Option<Tenant>,
    user: Option<User>,
    route: RoutePolicy,
    handler: RoutePolicy,
    error_type: Option<&'static str>,
    also_counted_by: Vec<usize>,
}

/// The value of `request_bytes` while nobody counts.
const UNCOUNTED: u64 = u64::MAX;

/// Whether the exchange is recorded: nobody asked for it, somebody did, or it is over.
const UNWANTED: u8 = 0;
const WANTED: u8 = 1;
const OVER: u8 = 2;

impl Slot {
    pub(crate) fn new(
        settings: Arc<Settings>,
        protocol: Protocol,
        method: Method,
        route: Arc<Route>,
        declared_bytes: Option<u64>,
    ) -> Self {
        Self {
            settings,
            protocol,
            declared_bytes,
            method,
            route,
            refined: OnceLock::new(),
            request_id: SetOnce::default(),
            tenant: SetOnce::default(),
            trace: SetOnce::default(),
            renumbered: OnceLock::new(),
            own_span_layer: AtomicU32::new(0),
            own_span: AtomicU64::new(0),
            carried: OnceLock::new(),
            link: OnceLock::new(),
            recording_state: AtomicU8::new(UNWANTED),
            recording: OnceLock::new(),
            companion: OnceLock::new(),
            request_bytes: AtomicU64::new(UNCOUNTED),
            counted_by: AtomicUsize::new(0),
            has_access_line: AtomicBool::new(false),
            is_traced: AtomicBool::new(false),
            has_late: AtomicBool::new(false),
            late: Mutex::default(),
        }
    }

    /// What the request speaks.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The method of the request.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The route of the exchange: as found at its start, or as an inner layer refined it before the head of the
    /// response, where only that layer could know (`nest_service`, a fallback).
    #[must_use]
    #[inline]
    pub fn route(&self) -> &Arc<Route> {
        self.refined.get().unwrap_or(&self.route)
    }

    /// Says which route a request without one belongs to. The first word counts, and none after the head.
    pub(crate) fn refine_route(&self, find: impl FnOnce(&Settings) -> Option<Arc<Route>>) {
        if !self.route.is_matched()
            && self.refined.get().is_none()
            && let Some(route) = find(&self.settings)
        {
            let _ = self.refined.set(route);
        }
    }

    /// Whether the route is another one than at the start.
    #[inline]
    pub(crate) fn is_route_refined(&self) -> bool {
        self.refined.get().is_some_and(|refined| !Arc::ptr_eq(refined, &self.route))
    }

    /// Ends the time in which the route can be refined.
    pub(crate) fn settle_route(&self) {
        if !self.route.is_matched() {
            let _ = self.refined.set(Arc::clone(&self.route));
        }
    }

    /// Whether a layer inside with these settings speaks of the same exchange: both record into the same place.
    pub(crate) fn is_shared_with(&self, settings: &Settings) -> bool {
        match (&self.settings.recorder, &settings.recorder) {
            (Some(outer), Some(inner)) => outer.is(inner),
            (None, Some(inner)) => inner.is_global(),
            // The facade's recorder, which in here is ours: it is entered around each poll.
            (_, None) => true,
        }
    }

    /// The clock of the exchange.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.settings.clock
    }

    /// Whether it is a request that goes out, and so never the current exchange.
    pub(crate) fn is_outgoing(&self) -> bool {
        self.settings.is_outgoing
    }

    pub(crate) fn recorder(&self) -> Option<&SharedRecorder> {
        self.settings.recorder.as_ref()
    }

    /// Takes the exchange for whoever counts it into one set of metrics (`counter`, a number that stands for it, not 0).
    /// `false` where somebody is doing so: an exchange is counted once, however often its layer is in the stack.
    pub(crate) fn claim(&self, counter: usize) -> bool {
        match self.counted_by.compare_exchange(0, counter, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => true,
            Err(claimed) if claimed == counter => false,
            // A second set of metrics over the same requests: two namings side by side, during a migration.
            Err(_) => {
                let mut is_free = false;
                self.write_late(|late| {
                    is_free = !late.also_counted_by.contains(&counter);
                    if is_free {
                        late.also_counted_by.push(counter);
                    }
                });
                is_free
            }
        }
    }

    /// Gives the exchange back at its end: where a retry stands between two layers, the next attempt is one more.
    pub(crate) fn release(&self, counter: usize) {
        // Whoever has it is the only one to change it, so there is no race to win.
        if self.counted_by.load(Ordering::Relaxed) == counter {
            self.counted_by.store(0, Ordering::Relaxed);
        } else {
            self.write_late(|late| late.also_counted_by.retain(|also| *also != counter));
        }
    }

    /// Takes the exchange for whoever writes its line in the access log. `false` where somebody is doing so.
    pub(crate) fn claim_access_line(&self) -> bool {
        !self.has_access_line.swap(true, Ordering::Relaxed)
    }

    /// Gives the line back at the end of the exchange.
    pub(crate) fn release_access_line(&self) {
        self.has_access_line.store(false, Ordering::Relaxed);
    }

    /// The id of the request, where a context layer gave it one.
    #[must_use]
    pub fn request_id(&self) -> Option<&RequestId> {
        self.request_id.get()
    }

    /// Gives the request its id. The first one stays.
    ///
    /// While nobody else holds the slot, as at the start of an exchange, that needs no synchronisation.
    #[inline]
    pub(crate) fn set_request_id(self: &mut Arc<Self>, id: RequestId) {
        match Arc::get_mut(self) {
            Some(slot) => slot.request_id.set_unshared(id),
            None => self.request_id.set(id),
        }
    }

    /// Where the exchange is in which trace, where it is traced.
    #[must_use]
    #[inline]
    pub fn trace(&self) -> Option<&TraceContext> {
        self.renumbered.get().or_else(|| self.trace.get())
    }

    /// Replaces the ids of the exchange by those that a tracer of the user's own gave it. The first word counts.
    pub(crate) fn renumber(&self, context: TraceContext) {
        let _ = self.renumbered.set(context);
    }

    /// Notes the exchange's own span, by its id at a layer of a subscriber. The first one stays.
    pub(crate) fn set_own_span(&self, layer: u32, id: u64) {
        if self.own_span_layer.load(Ordering::Relaxed) == 0 {
            self.own_span.store(id, Ordering::Relaxed);
            self.own_span_layer.store(layer, Ordering::Release);
        }
    }

    #[inline]
    pub(crate) fn is_own_span(&self, layer: u32, id: u64) -> bool {
        self.own_span_layer.load(Ordering::Acquire) == layer && self.own_span.load(Ordering::Relaxed) == id
    }

    /// Says where in which trace the exchange is; where that is sampled, its measurements carry the trace's id as their
    /// exemplar. The first one stays.
    pub fn set_trace(&self, context: TraceContext) {
        self.trace.set(context);
    }

    /// The same, without synchronisation while nobody else holds the slot.
    #[inline]
    pub(crate) fn set_trace_early(self: &mut Arc<Self>, context: TraceContext) {
        match Arc::get_mut(self) {
            Some(slot) => slot.trace.set_unshared(context),
            None => self.trace.set(context),
        }
    }

    /// Takes the exchange for whoever makes its span. `false` where somebody does so already.
    pub(crate) fn claim_span(&self) -> bool {
        !self.is_traced.swap(true, Ordering::Relaxed)
    }

    /// Whether somebody makes a span of the exchange.
    pub(crate) fn has_span(&self) -> bool {
        self.is_traced.load(Ordering::Relaxed)
    }

    /// The caller's place in its own trace, where the exchange began a trace of its own with a link to that.
    #[must_use]
    pub fn link(&self) -> Option<&RemoteParent> {
        self.link.get().map(|link| &**link)
    }

    /// Links the exchange to its caller's trace. The first word counts.
    pub(crate) fn set_link(&self, caller: RemoteParent) {
        let _ = self.link.set(Box::new(caller));
    }

    /// What came along with the trace and is handed on with it.
    #[must_use]
    pub fn carried(&self) -> Option<&Carried> {
        self.carried.get().map(|carried| &**carried)
    }

    /// Notes what came along with the trace. The first word counts.
    pub fn set_carried(&self, carried: Carried) {
        let _ = self.carried.set(Box::new(carried));
    }

    /// Asks that the spans and events inside of the exchange be recorded, from now on and until its end; without a
    /// [`SpanLayer`](crate::spans::SpanLayer) in the subscriber nothing is. To be said at the start: what was made before is
    /// not in it.
    pub fn want_recording(&self) {
        let _ = self.recording_state.compare_exchange(UNWANTED, WANTED, Ordering::Relaxed, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn wants_recording(&self) -> bool {
        self.recording_state.load(Ordering::Relaxed) == WANTED
    }

    /// Ends the recording, and hands out what was recorded, where something was. What comes later, in a task that outlives
    /// the exchange, is not recorded. Whoever asks again gets the same.
    pub fn end_recording(&self) -> Option<Arc<Recording>> {
        self.recording_state.store(OVER, Ordering::Relaxed);
        let recording = self.recording.get()?;
        recording.finish();
        Some(Arc::clone(recording))
    }

    /// What was recorded inside of the exchange so far, where something was.
    #[must_use]
    pub fn recording(&self) -> Option<&Arc<Recording>> {
        self.recording.get()
    }

    /// The recording of the exchange, made by `make` where there is none yet.
    pub(crate) fn recording_or(&self, make: impl FnOnce() -> Arc<Recording>) -> &Arc<Recording> {
        self.recording.get_or_init(make)
    }

    /// What something beyond this crate keeps with the exchange for as long as it lives, made by `make` where there is nothing
    /// yet. There is place for one: `None` where something of another type lies there.
    pub fn companion<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Option<&T> {
        self.companion.get_or_init(|| Box::new(make())).downcast_ref()
    }

    /// The tenant: the late one, which the application vouches for, or the one that the request claimed.
    #[must_use]
    pub fn tenant(&self) -> Option<Tenant> {
        self.late(|late| late.tenant.clone()).or_else(|| self.tenant.get().map(|early| early.tenant.clone()))
    }

    /// Hands `read` the tenant, and whether somebody vouches for it: the application, an allowlist, a validator.
    pub(crate) fn with_tenant<T>(&self, read: impl FnOnce(&Tenant, bool) -> T) -> Option<T> {
        match self.late(|late| late.tenant.clone()) {
            Some(late) => Some(read(&late, true)),
            None => self.tenant.get().map(|early| read(&early.tenant, early.vouched)),
        }
    }

    /// The tenant that the request claims, as far as that was checked.
    #[inline]
    pub(crate) fn set_early_tenant(self: &mut Arc<Self>, tenant: Tenant, vouched: bool) {
        let early = EarlyTenant { tenant, vouched };
        match Arc::get_mut(self) {
            Some(slot) => slot.tenant.set_unshared(early),
            None => self.tenant.set(early),
        }
    }

    /// Sets the tenant late: an auth layer or a handler knows better than the request's headers. The last word
    /// counts.
    pub fn set_tenant(&self, tenant: Tenant) {
        self.write_late(|late| late.tenant = Some(tenant));
    }

    /// Whether there is a tenant.
    #[inline]
    pub(crate) fn has_tenant(&self) -> bool {
        self.tenant.get().is_some() || self.late(|late| late.tenant.as_ref().map(|_| ())).is_some()
    }

    /// The tenant that was set late, where one was.
    pub(crate) fn late_tenant(&self) -> Option<Tenant> {
        self.late(|late| late.tenant.clone())
    }

    /// The user on whose behalf the request runs.
    #[must_use]
    pub fn user(&self) -> Option<User> {
        self.late(|late| late.user.clone())
    }

    /// Sets the user. The last word counts.
    pub fn set_user(&self, user: User) {
        self.write_late(|late| late.user = Some(user));
    }

    /// The error that the handler named.
    #[must_use]
    pub fn error_type(&self) -> Option<&'static str> {
        self.late(|late| late.error_type)
    }

    /// Makes the exchange count as an error of this name, whatever its status.
    pub fn set_error_type(&self, name: &'static str) {
        self.write_late(|late| late.error_type = Some(name));
    }

    /// What the route's own layer says; see [`RouteLayer`](crate::observe::RouteLayer). Of several layers the one
    /// closer to the handler speaks later, and is stronger.
    pub(crate) fn set_route_policy(&self, policy: &RoutePolicy) {
        self.write_late(|late| late.route = policy.clone().or(&late.route));
    }

    /// What the handler says: the strongest word. `change` gets what it said before.
    pub fn override_policy(&self, change: impl FnOnce(RoutePolicy) -> RoutePolicy) {
        self.write_late(|late| late.handler = change(std::mem::take(&mut late.handler)));
    }

    /// Whether somebody said that this exchange is not measured.
    #[must_use]
    #[inline]
    pub fn is_off(&self) -> bool {
        self.policy(|policy| policy.off).unwrap_or(false)
    }

    /// Whether somebody said that the response is, or is not, a stream.
    #[must_use]
    #[inline]
    pub fn streaming(&self) -> Option<bool> {
        self.policy(|policy| policy.streaming)
    }

    /// The share of the route's traces that is sampled, where the policy table says.
    pub(crate) fn sampling(&self) -> Option<Ratio> {
        self.policy(|policy| policy.sampling)
    }

    /// From when on the exchange is slow, where somebody said.
    #[must_use]
    pub fn slow_threshold(&self) -> Option<Duration> {
        self.policy(|policy| policy.slow)
    }

    /// Whether the exchange leaves a line in the access log, where somebody said.
    #[must_use]
    pub fn access_line(&self) -> Option<bool> {
        self.policy(|policy| policy.access_line)
    }

    /// Whether the policy table lets this route off a required tenant.
    pub(crate) fn is_tenant_optional(&self) -> bool {
        self.policy(|policy| policy.tenant_optional).unwrap_or(false)
    }

    /// What the strongest place that speaks on a matter says.
    #[inline]
    fn policy<T>(&self, ask: impl Fn(&RoutePolicy) -> Option<T>) -> Option<T> {
        if self.route().is_plain() && !self.has_late.load(Ordering::Acquire) {
            return None;
        }
        self.spoken(ask)
    }

    #[inline(never)]
    fn spoken<T>(&self, ask: impl Fn(&RoutePolicy) -> Option<T>) -> Option<T> {
        self.late(|late| ask(&late.handler).or_else(|| ask(&late.route)))
            .or_else(|| ask(self.route().policy(&self.method)))
    }

    /// The value of a metric label, as a policy set it.
    pub(crate) fn label(&self, name: &str) -> Option<Cow<'static, str>> {
        let find = |policy: &RoutePolicy| {
            policy.labels.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        self.policy(find)
    }

    /// The names of all labels that a handler or a route's layer set.
    pub(crate) fn late_label_names(&self) -> Option<Vec<Cow<'static, str>>> {
        self.late(|late| {
            let labels = late.handler.labels.iter().chain(&late.route.labels);
            Some(labels.map(|(name, _)| name.clone()).collect())
        })
    }

    /// Bytes of the request body that the service has read so far; where nobody counts, the declared length.
    #[must_use]
    pub fn request_bytes(&self) -> Option<u64> {
        match self.request_bytes.load(Ordering::Relaxed) {
            UNCOUNTED => self.declared_bytes,
            bytes => Some(bytes),
        }
    }

    /// From now on the bytes are counted, by whoever reads the body. `false` where somebody counts already.
    pub(crate) fn count_request_body(&self) -> bool {
        self.request_bytes.compare_exchange(UNCOUNTED, 0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    pub(crate) fn add_request_bytes(&self, bytes: u64) {
        self.request_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    #[inline]
    fn late<T>(&self, read: impl FnOnce(&Late) -> Option<T>) -> Option<T> {
        if !self.has_late.load(Ordering::Acquire) {
            return None;
        }
        self.lock().as_deref().and_then(read)
    }

    fn write_late(&self, write: impl FnOnce(&mut Late)) {
        write(self.lock().get_or_insert_default());
        self.has_late.store(true, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<Late>>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("method", &self.method)
            .field("endpoint", &self.route().endpoint())
            .field("request_id", &self.request_id())
            .field("tenant", &self.tenant())
            .field("user", &self.user())
            .finish_non_exhaustive()
    }
}

/// A cell that is set once: mostly before it is shared, which costs nothing, or later.
#[derive(Debug)]
struct SetOnce<T> {
    early: Option<T>,
    late: OnceLock<Box<T>>,
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self { early: None, late: OnceLock::new() }
    }
}

impl<T> SetOnce<T> {
    fn get(&self) -> Option<&T> {
        self.early.as_ref().or_else(|| self.late.get().map(|late| &**late))
    }

    fn set_unshared(&mut self, value: T) {
        if self.get().is_none() {
            self.early = Some(value);
        }
    }

    fn set(&self, value: T) {
        if self.early.is_none() {
            let _ = self.late.set(Box::new(value));
        }
    }
}
