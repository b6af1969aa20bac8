//! What the metrics and their labels are called.

use std::fmt;

use metrics::Unit;

/// Whose names the metrics carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Naming {
    /// The Prometheus convention that most dashboards and rules use: `http_requests_total{method,endpoint,status}`,
    /// `http_request_duration_seconds{method,endpoint}`.
    #[default]
    Prometheus,
    /// OpenTelemetry's HTTP semantic conventions as Prometheus spells them:
    /// `http_server_request_duration_seconds{http_request_method,http_route,http_response_status_code,...}`.
    /// What the conventions have no metric for carries the prefix `http_server_` too.
    OpenTelemetry,
    /// The names of the crate axum-prometheus, for those who come from there:
    /// `axum_http_requests_total{method,endpoint,status}`.
    AxumPrometheus,
}

/// Which groups of metrics are collected. All are by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collect {
    /// `http_requests_total`.
    pub requests: bool,
    /// `http_request_duration_seconds`: to the end of the body.
    pub duration: bool,
    /// `http_response_head_seconds`: to the head of the response.
    pub head: bool,
    /// `http_requests_in_flight`.
    pub in_flight: bool,
    /// `http_request_size_bytes` and `http_response_size_bytes`.
    pub sizes: bool,
    /// `http_requests_errors_total`.
    pub errors: bool,
    /// `http_requests_aborted_total`.
    pub aborted: bool,
}

impl Collect {
    /// Every group.
    pub const ALL: Self = Self {
        requests: true,
        duration: true,
        head: true,
        in_flight: true,
        sizes: true,
        errors: true,
        aborted: true,
    };
    /// No group: to name the wanted ones.
    pub const NONE: Self = Self {
        requests: false,
        duration: false,
        head: false,
        in_flight: false,
        sizes: false,
        errors: false,
        aborted: false,
    };
}

impl Default for Collect {
    fn default() -> Self {
        Self::ALL
    }
}

/// Every metric of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    Requests,
    Duration,
    Head,
    InFlight,
    RequestSize,
    ResponseSize,
    Errors,
    Aborted,
    TenantRequests,
    TenantDuration,
    ActiveConnections,
    LabelOverflow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Metric {
    pub(crate) const ALL: [Self; 12] = [
        Self::Requests,
        Self::Duration,
        Self::Head,
        Self::InFlight,
        Self::RequestSize,
        Self::ResponseSize,
        Self::Errors,
        Self::Aborted,
        Self::TenantRequests,
        Self::TenantDuration,
        Self::ActiveConnections,
        Self::LabelOverflow,
    ];

    fn name(self, naming: Naming) -> &'static str {
        use Naming::{AxumPrometheus, OpenTelemetry, Prometheus};
        match (self, naming) {
            (Self::Requests, Prometheus | AxumPrometheus) => "http_requests_total",
            (Self::Requests, OpenTelemetry) => "http_server_requests_total",
            (Self::Duration, Prometheus) => "http_request_duration_seconds",
            (Self::Duration, OpenTelemetry) => "http_server_request_duration_seconds",
            (Self::Duration, AxumPrometheus) => "http_requests_duration_seconds",
            (Self::Head, Prometheus | AxumPrometheus) => "http_response_head_seconds",
            (Self::Head, OpenTelemetry) => "http_server_response_head_seconds",
            (Self::InFlight, Prometheus) => "http_requests_in_flight",
            (Self::InFlight, OpenTelemetry) => "http_server_active_requests",
            (Self::InFlight, AxumPrometheus) => "http_requests_pending",
            (Self::RequestSize, Prometheus) => "http_request_size_bytes",
            (Self::RequestSize, OpenTelemetry) => "http_server_request_body_size_bytes",
            (Self::RequestSize, AxumPrometheus) => "http_request_body_size",
            (Self::ResponseSize, Prometheus) => "http_response_size_bytes",
            (Self::ResponseSize, OpenTelemetry) => "http_server_response_body_size_bytes",
            (Self::ResponseSize, AxumPrometheus) => "http_response_body_size",
            (Self::Errors, Prometheus | AxumPrometheus) => "http_requests_errors_total",
            (Self::Errors, OpenTelemetry) => "http_server_requests_errors_total",
            (Self::Aborted, Prometheus | AxumPrometheus) => "http_requests_aborted_total",
            (Self::Aborted, OpenTelemetry) => "http_server_requests_aborted_total",
            (Self::TenantRequests, Prometheus | AxumPrometheus) => "tenant_http_requests_total",
            (Self::TenantRequests, OpenTelemetry) => "tenant_http_server_requests_total",
            (Self::TenantDuration, Prometheus | AxumPrometheus) => "tenant_http_request_duration_seconds",
            (Self::TenantDuration, OpenTelemetry) => "tenant_http_server_request_duration_seconds",
            (Self::ActiveConnections, _) => "active_connections",
            (Self::LabelOverflow, _) => "tower_watch_label_overflow_total",
        }
    }

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Requests | Self::Errors | Self::Aborted | Self::TenantRequests | Self::LabelOverflow => {
                Kind::Counter
            }
            Self::InFlight | Self::ActiveConnections => Kind::Gauge,
            Self::Duration | Self::Head | Self::RequestSize | Self::ResponseSize | Self::TenantDuration => {
                Kind::Histogram
            }
        }
    }

    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::Duration | Self::Head | Self::TenantDuration => Unit::Seconds,
            Self::RequestSize | Self::ResponseSize => Unit::Bytes,
            _ => Unit::Count,
        }
    }

    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Requests => "Requests that were answered, by status.",
            Self::Duration => "Time from the request to the end of the response body, streams excepted.",
            Self::Head => "Time from the request to the head of the response.",
            Self::InFlight => "Requests that have come in and whose response has not ended.",
            Self::RequestSize => "Bytes of the request body that were read.",
            Self::ResponseSize => "Bytes of the response body that were handed to the transport.",
            Self::Errors => "Requests that failed, by what failed.",
            Self::Aborted => "Requests that were cut short, by what cut them short.",
            Self::TenantRequests => "Requests that were answered, by tenant and status.",
            Self::TenantDuration => "Time from the request to the end of the response body, by tenant.",
            Self::ActiveConnections => "Connections that are open, as the application reports them.",
            Self::LabelOverflow => {
                "Requests whose label value was counted as _other, because the label was full."
            }
        }
    }
}

/// The names of the labels under one naming.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LabelNames {
    pub(crate) method: &'static str,
    pub(crate) endpoint: &'static str,
    pub(crate) status: &'static str,
    pub(crate) grpc_status: &'static str,
    pub(crate) error_type: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) tenant: &'static str,
}

/// A prefix that Prometheus refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixError {
    prefix: String,
}

impl fmt::Display for PrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "metric prefix {:?}: start with a letter or an underscore and go on with letters, digits and underscores",
            self.prefix
        )
    }
}

impl std::error::Error for PrefixError {}

/// The names of all metrics and labels, as they were chosen.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    naming: Naming,
    prefix: Option<String>,
}

impl Names {
    pub(crate) fn new(naming: Naming) -> Self {
        Self { naming, prefix: None }
    }

    pub(crate) fn set_naming(&mut self, naming: Naming) {
        self.naming = naming;
    }

    pub(crate) fn set_prefix(&mut self, given: &str) -> Result<(), PrefixError> {
        let prefix = given.trim_end_matches('_');
        let starts = prefix.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let goes_on = prefix.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
        if !(starts && goes_on) {
            return Err(PrefixError { prefix: given.to_owned() });
        }
        self.prefix = Some(prefix.to_owned());
        Ok(())
    }

    pub(crate) fn metric(&self, metric: Metric) -> String {
        let name = metric.name(self.naming);
        // The toolkit's own metrics are called the same everywhere.
        if metric == Metric::LabelOverflow {
            return name.to_owned();
        }
        match (&self.prefix, self.naming) {
            (Some(prefix), _) => format!("{prefix}_{name}"),
            (None, Naming::AxumPrometheus) => format!("axum_{name}"),
            (None, _) => name.to_owned(),
        }
    }

    pub(crate) fn labels(&self) -> LabelNames {
        match self.naming {
            Naming::Prometheus | Naming::AxumPrometheus => LabelNames {
                method: "method",
                endpoint: "endpoint",
                status: "status",
                grpc_status: "grpc_status",
                error_type: "error_type",
                reason: "reason",
                tenant: "tenant",
            },
            Naming::OpenTelemetry => LabelNames {
                method: "http_request_method",
                endpoint: "http_route",
                status: "http_response_status_code",
                grpc_status: "rpc_grpc_status_code",
                error_type: "error_type",
                reason: "reason",
                tenant: "tenant",
            },
        }
    }

    /// Whether histograms are told apart by status too.
    pub(crate) fn histograms_by_status(&self) -> bool {
        self.naming != Naming::Prometheus
    }

    /// Whether histograms carry the type of the error too, as OpenTelemetry has it.
    pub(crate) fn histograms_by_error(&self) -> bool {
        self.naming == Naming::OpenTelemetry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_go_before_every_name_but_our_own() {
        let mut names = Names::new(Naming::AxumPrometheus);
        assert_eq!(names.metric(Metric::InFlight), "axum_http_requests_pending");
        names.set_prefix("shop_").unwrap();
        assert_eq!(names.metric(Metric::InFlight), "shop_http_requests_pending");
        assert_eq!(names.metric(Metric::LabelOverflow), "tower_watch_label_overflow_total");
        for bad in ["", "1shop", "shop-api", "shöp"] {
            let error = names.set_prefix(bad).unwrap_err().to_string();
            assert!(error.contains(&format!("{bad:?}")), "{error}");
        }
    }

    #[test]
    fn no_two_metrics_share_a_name() {
        for naming in [Naming::Prometheus, Naming::OpenTelemetry, Naming::AxumPrometheus] {
            let names: std::collections::HashSet<_> =
                Metric::ALL.iter().map(|metric| metric.name(naming)).collect();
            assert_eq!(names.len(), Metric::ALL.len(), "{naming:?}");
        }
    }
}
