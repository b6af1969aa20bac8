//! What there is to say about a watch, and whether it can be.

use std::borrow::Cow;
use std::fmt;

use http::request::Parts;
use metrics::Recorder;
use tower_watch_layers::SharedRecorder;
use tower_watch_layers::clock::Clock;
use tower_watch_layers::context::{ContextObserver, RequestIdPolicy, TenantPolicy};
use tower_watch_layers::observe::Settings;
use tower_watch_layers::policy::RoutePolicy;
use tower_watch_layers::red::{Collect, Label, Naming, RedConfig, RedObserver, TenantMetrics};
use tower_watch_layers::route::{Pattern, Routes};

use crate::registers::{InstallError, Registers, RegistersBuilder, checked_buckets};
use crate::watch::access::AccessSettings;
use crate::watch::admin::AdminSettings;
use crate::watch::alerts::AlertingSettings;
use crate::watch::error::Problems;
use crate::watch::handle::Inner;
use crate::watch::past::PastSettings;
use crate::watch::telemetry::Attached;
use crate::watch::traces::TraceSettings;
use crate::watch::{Endpoints, Preset, StartError, Watch, WatchObserver};

/// Describes a [`Watch`]. Everything has a default; nothing is checked before [`start`](Self::start), which then
/// names all that cannot be.
///
/// | setting | default |
/// |---|---|
/// | [`preset`](Self::preset) | `Development` |
/// | [`request_id`](Self::request_id) | `x-request-id`, trusted as the preset says |
/// | [`tenant`](Self::tenant) | none |
/// | [`tenant_metrics`](Self::tenant_metrics) | none |
/// | [`naming`](Self::naming), [`prefix`](Self::prefix) | Prometheus' names, no prefix |
/// | [`collect`](Self::collect) | every group |
/// | [`label`](Self::label) | none |
/// | [`buckets`](Self::buckets) | 5 ms to 10 s |
/// | [`route`](Self::route) | axum's matched path |
/// | [`policy`](Self::policy) | nothing is different for any route |
/// | [`traces`](Self::traces) | as the preset says; the environment (`OTEL_TRACES_SAMPLER`, ...) is stronger |
/// | [`exclude`](Self::exclude) | `/favicon.ico`, `/robots.txt` and the watch's own endpoints |
/// | [`endpoints`](Self::endpoints) | `/metrics`, `/health/liveness` |
/// | [`access_log`](Self::access_log) | a line per request at INFO, with the path as it came in the preset `Development` |
/// | `store`, `tick`, `query_limits` (feature `series`) | 100,000 series in 256 MiB, every 5 s, 10 s for a query; none in the preset `Fleet` |
/// | `instance` (feature `series`) | the host's name |
/// | `time_zone` (feature `series`) | the system's |
/// | `alerts` (feature `alerts`) | an engine wherever the past is kept, with the ready rules in the preset `Production`; none in the preset `Fleet` |
/// | `data_dir`, `snapshot_every` (feature `series`) | none: the past is in memory; every minute |
/// | `admin` (feature `axum`) | 127.0.0.1:9901 if it is free; none in the preset `Fleet` and for a local watch |
#[must_use = "a watch does nothing until it is started"]
pub struct WatchBuilder {
    service: String,
    preset: Preset,
    request_id: Option<RequestIdPolicy>,
    tenant: Option<TenantPolicy>,
    red: RedConfig,
    routes: Routes,
    registers: RegistersBuilder,
    endpoints: Endpoints,
    clock: Clock,
    local: bool,
    pub(crate) traces: TraceSettings,
    pub(crate) access: AccessSettings,
    pub(crate) telemetry: Attached,
    pub(crate) past: PastSettings,
    pub(crate) alerting: AlertingSettings,
    pub(crate) admin: AdminSettings,
    problems: Problems,
}

impl fmt::Debug for WatchBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchBuilder")
            .field("service", &self.service)
            .field("preset", &self.preset)
            .field("request_id", &self.request_id)
            .field("tenant", &self.tenant)
            .field("red", &self.red)
            .field("routes", &self.routes)
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}

impl WatchBuilder {
    pub(crate) fn new(service: String) -> Self {
        let mut builder = Self {
            service,
            preset: Preset::default(),
            request_id: None,
            tenant: None,
            red: RedConfig::new(),
            routes: Routes::new(),
            registers: Registers::builder(),
            endpoints: Endpoints::new(),
            clock: Clock::default(),
            local: false,
            traces: TraceSettings::default(),
            access: AccessSettings::default(),
            telemetry: Attached::default(),
            past: PastSettings::default(),
            alerting: AlertingSettings::default(),
            admin: AdminSettings::default(),
            problems: Problems::default(),
        };
        if builder.service.trim().is_empty() {
            builder.problems.add("service", "a service has a name; pass one to Watch::builder");
        }
        builder.exclude("/favicon.ico").exclude("/robots.txt")
    }

    /// Says what the service is run as.
    pub fn preset(mut self, preset: Preset) -> Self {
        self.preset = preset;
        self
    }

    /// Says which header carries the request id, and whose is adopted.
    pub fn request_id(mut self, policy: RequestIdPolicy) -> Self {
        self.request_id = Some(policy);
        self
    }

    /// Says where the tenant of a request comes from.
    pub fn tenant(mut self, policy: TenantPolicy) -> Self {
        for problem in policy.problems() {
            self.problems.add("tenant", problem);
        }
        self.tenant = Some(policy);
        self
    }

    /// Gives tenants metrics of their own. Those of the tenant policy's allowlist always have a place.
    pub fn tenant_metrics(mut self, metrics: TenantMetrics) -> Self {
        if metrics.idle().is_zero() {
            self.problems.add(
                "tenant_metrics",
                "idle_after(0): every tenant would be idle at once; give a minute or more",
            );
            return self;
        }
        self.red(|red| red.with_tenants(metrics))
    }

    /// Changes the names of the metrics.
    pub fn naming(self, naming: Naming) -> Self {
        self.red(|red| red.with_naming(naming))
    }

    /// Puts a prefix and an underscore before the names of the request metrics.
    pub fn prefix(mut self, prefix: &str) -> Self {
        if let Some(red) = self.problems.ok("prefix", self.red.clone().with_prefix(prefix)) {
            self.red = red;
        }
        self
    }

    /// Collects these groups of metrics only.
    pub fn collect(self, collect: Collect) -> Self {
        self.red(|red| red.with_collect(collect))
    }

    /// Declares a label of one's own.
    pub fn label(mut self, label: Label) -> Self {
        if let Some(red) = self.problems.ok("label", self.red.clone().with_label(label)) {
            self.red = red;
        }
        self
    }

    /// The upper bounds of the buckets of histograms in seconds, increasing.
    pub fn buckets(mut self, bounds: impl Into<Vec<f64>>) -> Self {
        let bounds = bounds.into();
        match self.problems.ok("buckets", checked_buckets(&bounds)) {
            Some(_) => self.registers(|registers| registers.default_buckets(bounds)),
            None => self,
        }
    }

    /// Configures the registers: buckets by name or pattern, labels on everything, expiry.
    pub fn registers(mut self, configure: impl FnOnce(RegistersBuilder) -> RegistersBuilder) -> Self {
        self.registers = configure(self.registers);
        self
    }

    /// Another recorder that receives every number too: a complete `PrometheusRecorder`, a statsd exporter.
    pub fn branch(self, recorder: impl Recorder + Send + Sync + 'static) -> Self {
        self.registers(|registers| registers.branch(recorder))
    }

    /// Takes the endpoint from a function of the request's head, where axum's matched path is not there: with bare
    /// hyper, or where a `ServiceBuilder` wraps a router from outside. Return templates, never raw paths.
    pub fn route<F>(self, route: F) -> Self
    where
        F: for<'p> Fn(&'p Parts) -> Option<Cow<'p, str>> + Send + Sync + 'static,
    {
        self.routes(|routes| routes.with_route(route))
    }

    /// Registers gRPC methods (`/shop.Orders/Create`), each an endpoint of its own.
    pub fn grpc_methods<M: Into<String>>(self, methods: impl IntoIterator<Item = M>) -> Self {
        self.routes(|routes| routes.with_grpc_methods(methods))
    }

    /// Registers gRPC methods that stream: their duration stays out of the latency histogram.
    pub fn grpc_streams<M: Into<String>>(self, methods: impl IntoIterator<Item = M>) -> Self {
        self.routes(|routes| routes.with_grpc_streams(methods))
    }

    /// Adds a line to the policy table: what is different for the routes that match (`/partners/*`,
    /// `POST /orders`). Of several lines that match, an earlier one is stronger.
    pub fn policy(mut self, pattern: &str, policy: RoutePolicy) -> Self {
        match self.problems.ok("policy", pattern.parse::<Pattern>()) {
            Some(pattern) => self.routes(|routes| routes.with_policy(pattern, policy)),
            None => self,
        }
    }

    /// Leaves requests whose raw path matches (`/assets/*`) out of everything: no id, no tenant, no metric.
    pub fn exclude(mut self, pattern: &str) -> Self {
        match self.problems.ok("exclude", pattern.parse::<Pattern>()) {
            Some(pattern) => self.routes(|routes| routes.with_excluded(pattern)),
            None => self,
        }
    }

    /// Moves the watch's own routes, or leaves them out.
    pub fn endpoints(mut self, endpoints: Endpoints) -> Self {
        self.endpoints = endpoints;
        self
    }

    /// Keeps away from the facade's global recorder, also where it is free: only what the layers observe and what
    /// runs inside them is recorded. For tests, and for a watch beside another recorder.
    pub fn local(mut self) -> Self {
        self.local = true;
        self
    }

    /// Replaces the clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Checks everything and starts. Needs no async runtime; see [`Watch`] for what lives how long.
    ///
    /// # Errors
    ///
    /// All settings that cannot be, each with its field and the mend; and a global recorder that is not ours.
    pub fn start(self) -> Result<Watch, StartError> {
        let Self {
            service,
            preset,
            request_id,
            tenant,
            red,
            routes,
            registers,
            endpoints,
            clock,
            local,
            traces,
            access,
            telemetry,
            past,
            alerting,
            admin,
            problems,
        } = self;
        let (mut traces, mut problems) = (traces, problems);
        traces.check(&mut problems);
        endpoints.check(&mut problems);
        past.check(preset, &mut problems);
        let alerting = alerting.plan(preset, &past, &routes, &mut problems);
        admin.check(&endpoints, &mut problems);
        check_policy_labels(&routes, &red, &mut problems);
        let red = pin_allowed(red, tenant.as_ref()).with_clock(clock.clone());
        let registers = registers.clock(clock.clone()).exemplars_for(red.duration_name());
        let registers = match red.tenants() {
            Some(tenants) => registers.expire_idle("tenant", tenants.idle()),
            None => registers,
        };
        for problem in registers.problems() {
            problems.add("registers", problem);
        }
        if !problems.is_empty() {
            return Err(problems.into_error());
        }
        let registers = registers.assemble();
        let routes = exclude_own(routes, endpoints.paths().map(str::to_owned).chain(admin.paths()));
        let past = past.open(preset, &service, &registers, &clock);
        let alerting = alerting.open(&service, &registers, &past, &clock);
        let parts = (&past, &alerting);
        let admin = admin.start((preset, local), &service, &registers, parts, &mut problems);
        if !problems.is_empty() {
            return Err(problems.into_error());
        }
        let Some(installed) = problems.ok("start", install(&registers, local)) else {
            return Err(problems.into_error());
        };
        // From here on nothing fails: what started before would go on, and keep its files.
        past.start(&registers, &clock);
        alerting.start(&registers);
        let recorder = match installed {
            Installed::Globally => {
                admin.outlive();
                SharedRecorder::global(registers.clone())
            }
            Installed::Locally => SharedRecorder::new(registers.clone()),
        };
        let (trace, sampling) = traces.open(preset, &clock, telemetry.keep());
        let settings = Settings::new().with_clock(clock).with_routes(routes).with_recorder(recorder);
        let settings = settings.with_companion(admin.running());
        announce_tenant_product(&red);
        let context =
            ContextObserver::new().with_request_id(request_id.unwrap_or_else(|| preset.request_id()));
        let context = match tenant {
            Some(tenant) => context.with_tenant(tenant),
            None => context,
        };
        let access = access.observer(preset);
        let observer = WatchObserver { context, trace, red: RedObserver::new(&red), access };
        let settings = settings.into();
        let watch = Watch::new(Inner {
            service,
            preset,
            registers,
            settings,
            observer,
            sampling,
            endpoints,
            past,
            alerting,
            admin,
            telemetry,
        });
        watch.inner.telemetry.attach(&watch);
        Ok(watch)
    }

    fn red(mut self, change: impl FnOnce(RedConfig) -> RedConfig) -> Self {
        self.red = change(self.red);
        self
    }

    fn routes(mut self, change: impl FnOnce(Routes) -> Routes) -> Self {
        self.routes = change(self.routes);
        self
    }
}

enum Installed {
    Globally,
    Locally,
}

/// The first watch of a process becomes the global recorder, a later one stays local.
fn install(registers: &Registers, local: bool) -> Result<Installed, &'static str> {
    if local {
        return Ok(Installed::Locally);
    }
    match registers.install_global() {
        Ok(()) => Ok(Installed::Globally),
        Err(InstallError::OursAlready) => Ok(Installed::Locally),
        Err(InstallError::Foreign) => {
            Err("another global metrics recorder is installed in this process; start the \
             watch before it and hand the recorder to .branch(recorder), or call .local() so that the watch records \
             only what its layers observe")
        }
    }
}

/// A label in the policy table that nobody declared would never be recorded.
fn check_policy_labels(routes: &Routes, red: &RedConfig, problems: &mut Problems) {
    for (pattern, policy) in routes.policies() {
        for name in policy.label_names() {
            if !red.labels().iter().any(|label| label.name() == name) {
                problems.add(
                    "policy",
                    format_args!(
                        "\"{pattern}\" sets the label {name:?}; declare it with .label(Label::new({name:?}))"
                    ),
                );
            }
        }
    }
}

/// A tenant that the policy names is real, and must never be crowded out.
fn pin_allowed(red: RedConfig, tenant: Option<&TenantPolicy>) -> RedConfig {
    match (red.tenants().cloned(), tenant) {
        (Some(metrics), Some(policy)) => red.with_tenants(metrics.pin(policy.allowed())),
        _ => red,
    }
}

fn exclude_own(routes: Routes, own: impl Iterator<Item = String>) -> Routes {
    own.filter_map(|path| path.parse().ok()).fold(routes, Routes::with_excluded)
}

/// Tenants times endpoints is a number to know before it is there.
fn announce_tenant_product(red: &RedConfig) {
    for label in red.labels().iter().filter(|label| label.is_tenant()) {
        tracing::info!(
            label = label.name(),
            tenants = label.most_values(),
            series_per_endpoint = label.most_values() * SERIES_PER_ANSWER,
            "each endpoint and method can have this many series, as the tenant is a label of its metrics"
        );
    }
}

/// A counter, and four histograms of 14 buckets or so with their sums and counts.
const SERIES_PER_ANSWER: usize = 1 + 4 * 16;
