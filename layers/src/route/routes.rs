//! How a request finds its route.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use http::request::Parts;
use http::{Extensions, Method};

use crate::cache::{Capped, CowMap, Front, Limit};
use crate::caught;
use crate::classify::Protocol;
use crate::clock::Clock;
use crate::framework;
use crate::policy::RoutePolicy;
use crate::route::Pattern;
use crate::route::excluded::Excluded;
use crate::route::state::States;

/// The endpoint of a request that no route took.
pub const UNMATCHED: &str = "unmatched";

/// The endpoint, and any other label value, of what came after the cap was reached.
pub const OTHER: &str = "_other";

const DEFAULT_CAP: usize = 2_000;

/// One endpoint and what is different for it. Shared by all its exchanges.
#[derive(Debug)]
pub struct Route {
    endpoint: Box<str>,
    policy: RoutePolicy,
    /// The whole policy for the methods that have one of their own.
    by_method: Vec<(Method, RoutePolicy)>,
    /// Whether nothing at all is different for it.
    is_plain: bool,
    states: States,
}

impl Route {
    fn new(endpoint: &str, policy: RoutePolicy, by_method: Vec<(Method, RoutePolicy)>) -> Self {
        let is_plain = policy == RoutePolicy::default() && by_method.is_empty();
        Self { endpoint: endpoint.into(), policy, by_method, is_plain, states: States::default() }
    }

    /// Whether the policy table says nothing about it.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    pub(crate) fn states(&self) -> &States {
        &self.states
    }

    /// The template, the gRPC method, [`UNMATCHED`] or [`OTHER`].
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Whether a route took the request.
    #[must_use]
    pub fn is_matched(&self) -> bool {
        &*self.endpoint != UNMATCHED
    }

    /// Whether it stands for the endpoints past the cap.
    #[must_use]
    pub fn is_overflow(&self) -> bool {
        &*self.endpoint == OTHER
    }

    /// What the policy table says about it.
    #[must_use]
    pub fn policy(&self, method: &Method) -> &RoutePolicy {
        self.by_method.iter().find(|(known, _)| known == method).map_or(&self.policy, |(_, policy)| policy)
    }
}

type Resolver = dyn for<'p> Fn(&'p Parts) -> Option<Cow<'p, str>> + Send + Sync;

/// How endpoints are found, and the table of what is different for them.
///
/// Where a hundred requests have come and none had a route, one warning says where the layer belongs.
///
/// In this order: a registered gRPC method; the route function, where one is given; axum's matched path (feature
/// `axum`); else [`UNMATCHED`]. Where a `ServiceBuilder` wraps a router from outside, and with bare hyper, there
/// is no matched path yet, so a function is needed there.
///
/// The first request of an endpoint allocates; from then on it costs a comparison or a hash lookup. Endpoints
/// past a cap (2,000), or of more than 1,024 bytes, become [`OTHER`], so that a function which returns raw paths cannot exhaust the memory; RED counts
/// their requests in `tower_watch_label_overflow_total{label="endpoint"}`.
///
/// ```
/// use tower_watch_layers::policy::RoutePolicy;
/// use tower_watch_layers::route::Routes;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let routes = Routes::new()
///     .with_route(|head| head.uri.path().starts_with("/users/").then(|| "/users/{id}".into()))
///     .with_policy("/internal/*".parse()?, RoutePolicy::new().off())
///     .with_excluded("/favicon.ico".parse()?);
/// # let _ = routes;
/// # Ok(())
/// # }
/// ```
pub struct Routes {
    resolver: Option<Box<Resolver>>,
    /// The registered gRPC methods, and what holds for them where the table is silent.
    grpc: HashMap<Box<str>, RoutePolicy>,
    policies: Vec<(Pattern, RoutePolicy)>,
    excluded: Excluded,
    cap: usize,
    known: OnceLock<Known>,
}

/// The routes met so far.
struct Known {
    grpc: HashMap<Box<str>, Arc<Route>>,
    /// Those that were met before, mostly.
    front: Front<Route>,
    matched: Capped<Route>,
    /// By the policies that hold for the raw path.
    unmatched: CowMap<Vec<usize>, Arc<Route>>,
    plain_unmatched: Arc<Route>,
    other: Arc<Route>,
    /// How many requests had no route before the first that had one; from then on [`SETTLED`].
    without_route: AtomicU32,
}

/// A router that nobody has ever matched a route of is mostly one that is wrapped from outside.
const SUSPICIOUS: u32 = 100;
const SETTLED: u32 = u32::MAX;

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes")
            .field("has_resolver", &self.resolver.is_some())
            .field("policies", &self.policies)
            .field("excluded", &self.excluded)
            .field("cap", &self.cap)
            .finish_non_exhaustive()
    }
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            resolver: None,
            grpc: HashMap::new(),
            policies: Vec::new(),
            excluded: Excluded::default(),
            cap: DEFAULT_CAP,
            known: OnceLock::new(),
        }
    }
}

impl Routes {
    /// axum's matched path where there is one, and nothing different for any route.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the endpoint from a function of the request's head. `None` leaves it to axum's matched path.
    ///
    /// Return templates, never paths as they came: each distinct text is a set of series for ever. A function that
    /// panics has said `None`.
    #[must_use]
    pub fn with_route<F>(mut self, route: F) -> Self
    where
        F: for<'p> Fn(&'p Parts) -> Option<Cow<'p, str>> + Send + Sync + 'static,
    {
        self.resolver = Some(Box::new(route));
        self
    }

    /// Registers gRPC methods, as in `/shop.Orders/Create`: each is an endpoint of its own.
    ///
    /// A method that is not registered falls under axum's route (tonic's is `/shop.Orders/{*rest}`), since its
    /// name is the client's word.
    #[must_use]
    pub fn with_grpc_methods<M: Into<String>>(mut self, methods: impl IntoIterator<Item = M>) -> Self {
        for method in methods {
            self.register_grpc(method.into(), RoutePolicy::new());
        }
        self
    }

    /// Registers gRPC methods that stream: their duration says nothing about latency.
    #[must_use]
    pub fn with_grpc_streams<M: Into<String>>(mut self, methods: impl IntoIterator<Item = M>) -> Self {
        for method in methods {
            self.register_grpc(method.into(), RoutePolicy::new().streaming(true));
        }
        self
    }

    fn register_grpc(&mut self, method: String, policy: RoutePolicy) {
        let endpoint = if method.starts_with('/') { method } else { format!("/{method}") };
        self.grpc.insert(endpoint.into(), policy);
    }

    /// Adds a line to the policy table. Where several patterns hold for a route, what an earlier one says is
    /// stronger.
    ///
    /// A pattern is held against the endpoint; for a request without one, against the raw path.
    #[must_use]
    pub fn with_policy(mut self, pattern: Pattern, policy: RoutePolicy) -> Self {
        self.policies.push((pattern, policy));
        self
    }

    /// Leaves requests whose raw path matches out of everything: no id, no tenant, no metric.
    #[must_use]
    pub fn with_excluded(mut self, pattern: Pattern) -> Self {
        self.excluded.push(pattern);
        self
    }

    /// The most endpoints that are told apart (default 2,000).
    #[must_use]
    pub fn with_cap(mut self, cap: usize) -> Self {
        self.cap = cap;
        self
    }

    /// The policies of the table.
    pub fn policies(&self) -> impl Iterator<Item = (&Pattern, &RoutePolicy)> {
        self.policies.iter().map(|(pattern, policy)| (pattern, policy))
    }

    #[inline]
    pub(crate) fn is_excluded(&self, method: &Method, path: &str) -> bool {
        self.excluded.matches(method, path)
    }

    /// The route of a request.
    #[inline]
    pub(crate) fn resolve(&self, head: &Parts, protocol: Protocol) -> Arc<Route> {
        if protocol == Protocol::Grpc
            && let Some(route) = self.known().grpc.get(head.uri.path())
        {
            return Arc::clone(route);
        }
        let endpoint = self
            .resolver
            .as_ref()
            .and_then(|resolver| caught::ask("route", || resolver(head)).flatten())
            .or_else(|| framework::matched_path(&head.extensions).map(Cow::Borrowed));
        match endpoint {
            Some(endpoint) => self.intern(&endpoint),
            None => self.unmatched(&head.method, head.uri.path()),
        }
    }

    /// The route of what axum matched for an inner service, where that is known only there.
    pub(crate) fn resolve_matched(&self, extensions: &Extensions) -> Option<Arc<Route>> {
        framework::matched_path(extensions).map(|endpoint| self.intern(endpoint))
    }

    /// The route of this endpoint, or of all endpoints past the cap.
    #[inline]
    pub(crate) fn intern(&self, endpoint: &str) -> Arc<Route> {
        let known = self.known();
        match known.front.get(endpoint) {
            Some(route) if route.endpoint() == endpoint => Arc::clone(route),
            _ => self.intern_behind(known, endpoint),
        }
    }

    #[inline(never)]
    fn intern_behind(&self, known: &Known, endpoint: &str) -> Arc<Route> {
        if known.without_route.load(Ordering::Relaxed) != SETTLED {
            known.without_route.store(SETTLED, Ordering::Relaxed);
        }
        let make = || self.route(endpoint, |pattern, method| pattern.matches(method, endpoint));
        match known.matched.get(endpoint, true, make) {
            Some(route) => {
                known.front.offer(endpoint, &route);
                route
            }
            None => Arc::clone(&known.other),
        }
    }

    /// The route of what is not looked up.
    pub(crate) fn none(&self) -> Arc<Route> {
        Arc::clone(&self.known().plain_unmatched)
    }

    fn unmatched(&self, method: &Method, path: &str) -> Arc<Route> {
        let known = self.known();
        self.warn_of_no_route(known);
        if self.policies.is_empty() {
            return Arc::clone(&known.plain_unmatched);
        }
        let holding: Vec<usize> =
            (0..self.policies.len()).filter(|index| self.policies[*index].0.matches(method, path)).collect();
        if holding.is_empty() {
            return Arc::clone(&known.plain_unmatched);
        }
        known.unmatched.get_or_insert_with(&*holding, || {
            let policy =
                holding.iter().fold(RoutePolicy::new(), |merged, index| merged.or(&self.policies[*index].1));
            Arc::new(Route::new(UNMATCHED, policy, Vec::new()))
        })
    }

    /// Says once where the layer belongs, when no request has had a route so far.
    fn warn_of_no_route(&self, known: &Known) {
        if self.resolver.is_some() || known.without_route.load(Ordering::Relaxed) >= SUSPICIOUS {
            return;
        }
        if known.without_route.fetch_add(1, Ordering::Relaxed) + 1 == SUSPICIOUS {
            tracing::warn!(
                "no request so far has had a route, so all are counted as \"unmatched\": put the layer on the router with \
                 Router::layer, or give it a route function where it stands outside of one"
            );
        }
    }

    fn route(&self, endpoint: &str, holds: impl Fn(&Pattern, &Method) -> bool) -> Route {
        let merged = |method: Option<&Method>| {
            self.policies
                .iter()
                .filter(|(pattern, _)| match method {
                    Some(method) => holds(pattern, method),
                    None => pattern.method().is_none() && holds(pattern, &Method::GET),
                })
                .fold(RoutePolicy::new(), |merged, (_, policy)| merged.or(policy))
        };
        let by_method = self
            .policies
            .iter()
            .filter_map(|(pattern, _)| pattern.method())
            .map(|method| (method.clone(), merged(Some(method))))
            .collect();
        Route::new(endpoint, merged(None), by_method)
    }

    fn grpc_route(&self, endpoint: &str, policy: &RoutePolicy) -> Route {
        let Route { policy: in_table, by_method, .. } =
            self.route(endpoint, |pattern, method| pattern.matches(method, endpoint));
        let by_method =
            by_method.into_iter().map(|(method, in_table)| (method, in_table.or(policy))).collect();
        Route::new(endpoint, in_table.or(policy), by_method)
    }

    fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let plain = |endpoint| Arc::new(Route::new(endpoint, RoutePolicy::new(), Vec::new()));
            let grpc = self
                .grpc
                .iter()
                .map(|(endpoint, policy)| (endpoint.clone(), Arc::new(self.grpc_route(endpoint, policy))));
            Known {
                grpc: grpc.collect(),
                front: Front::default(),
                matched: Capped::new(Limit { keys: self.cap, idle: None }, Clock::system()),
                unmatched: CowMap::default(),
                plain_unmatched: plain(UNMATCHED),
                other: plain(OTHER),
                without_route: AtomicU32::new(0),
            }
        })
    }
}
