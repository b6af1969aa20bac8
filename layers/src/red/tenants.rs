//! Metrics of their own for tenants.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Counter, Histogram};

use crate::cache::{Capped, Chain, Limit};
use crate::classify::GrpcStatus;
use crate::clock::Clock;
use crate::observe::End;
use crate::red::maker::Maker;
use crate::red::naming::Metric;
use crate::route::OTHER;

/// `tenant_http_requests_total{tenant,status}` and `tenant_http_request_duration_seconds{tenant}`, without the
/// endpoint: 100 tenants on 20 routes would be 28,000 series of the duration alone.
///
/// A tenant takes one of the places (default 1,000) when an allowlist, a validator or the application vouches for
/// it, or else when a request of it was answered with less than 400 (gRPC: with OK): an auth layer turns strangers'
/// inventions away. When the places run out, those of tenants that were silent for an hour are given to others; what has no
/// place is counted as `_other`, and in `tower_watch_label_overflow_total{label="tenant"}`.
///
/// Where tenants are labels, keep `/metrics` from strangers: it lists them.
#[derive(Clone, Debug)]
pub struct TenantMetrics {
    cap: usize,
    idle: Duration,
    pinned: Vec<String>,
}

impl Default for TenantMetrics {
    fn default() -> Self {
        Self { cap: 1_000, idle: Duration::from_secs(3_600), pinned: Vec::new() }
    }
}

impl TenantMetrics {
    /// Up to 1,000 tenants.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The most tenants that are told apart, pinned ones aside.
    #[must_use]
    pub fn cap(mut self, cap: usize) -> Self {
        self.cap = cap;
        self
    }

    /// How long a tenant must be silent for its place to be given away.
    #[must_use]
    pub fn idle_after(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Tenants that always have a place.
    #[must_use]
    pub fn pin<T: Into<String>>(mut self, tenants: impl IntoIterator<Item = T>) -> Self {
        self.pinned.extend(tenants.into_iter().map(Into::into));
        self
    }

    /// The most tenants that are told apart, pinned ones included.
    #[must_use]
    pub fn most(&self) -> usize {
        self.cap + self.pinned.len()
    }

    /// How long a tenant must be silent for its place to be given away.
    #[must_use]
    pub fn idle(&self) -> Duration {
        self.idle
    }
}

/// The tenants met so far.
#[derive(Debug)]
pub(crate) struct Tenants {
    known: Capped<TenantHandles>,
    other: TenantHandles,
}

/// What one tenant records into.
#[derive(Debug, Default)]
struct TenantHandles {
    requests: Chain<(u16, Option<GrpcStatus>), Counter>,
    duration: OnceLock<Histogram>,
}

impl Tenants {
    pub(crate) fn new(metrics: &TenantMetrics, clock: Clock) -> Self {
        let mut known = Capped::new(Limit { keys: metrics.cap, idle: Some(metrics.idle) }, clock);
        known.pin(metrics.pinned.iter().map(String::as_str), |_| TenantHandles::default());
        Self { known, other: TenantHandles::default() }
    }

    /// Records the end of an exchange under its tenant, if it has one.
    pub(crate) fn record(&self, end: &End<'_>, maker: &Maker<'_>) {
        let Some(status) = end.status else { return };
        end.slot.with_tenant(|tenant, vouched| {
            let admitted = vouched || end.is_served();
            match self.known.get(tenant.as_str(), admitted, TenantHandles::default) {
                Some(handles) => handles.record(tenant.as_str(), end, status.as_u16(), maker),
                None => {
                    maker.overflow("tenant");
                    self.other.record(OTHER, end, status.as_u16(), maker);
                }
            }
        });
    }
}

impl TenantHandles {
    fn record(&self, tenant: &str, end: &End<'_>, status: u16, maker: &Maker<'_>) {
        let names = maker.names.labels();
        let label = || metrics::Label::new(names.tenant, tenant.to_owned());
        self.requests
            .get_or_insert_with((status, end.grpc_status), || {
                let mut labels = vec![label(), metrics::Label::new(names.status, status.to_string())];
                if let Some(grpc) = end.grpc_status {
                    labels.push(metrics::Label::new(names.grpc_status, grpc.code().to_string()));
                }
                maker.counter(Metric::TenantRequests, labels)
            })
            .increment(1);
        if !end.streaming {
            self.duration
                .get_or_init(|| maker.histogram(Metric::TenantDuration, vec![label()]))
                .record(end.duration);
        }
    }
}
