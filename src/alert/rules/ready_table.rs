//! What the ready rules are.

/// One rule of the [ready set](crate::alert::rules::Ready), by the name of its alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadyRule {
    /// A share of requests fails.
    HighErrorRatio,
    /// A route's 95 % quantile is above its threshold.
    SlowRequests,
    /// Very many requests are under way.
    Saturated,
    /// A share of requests ends before its response does.
    RequestsAborted,
    /// A health check fails.
    DependencyUnhealthy,
    /// A job is not up.
    ServiceDown,
    /// An objective's budget burns too fast.
    ObjectiveBurning,
    /// Many logins fail.
    AuthenticationFailures,
    /// A cache mostly misses.
    CacheMisses,
    /// SQL is slow.
    SlowQueries,
    /// A request sends the same statement again and again.
    RepeatedQueries,
    /// A connection pool is used beyond its size.
    PoolExhausted,
    /// Redis is near its limit.
    RedisMemoryHigh,
    /// There are more series than the store takes.
    SeriesOverflow,
    /// There are more values than a label takes.
    LabelOverflow,
    /// A receiver refuses what it is sent.
    NotificationFailing,
    /// Something blocks the executor.
    EventLoopBlocked,
    /// A disk is nearly full.
    DiskFull,
    /// A certificate ends soon.
    CertificateExpiring,
    /// Always.
    Watchdog,
}

impl ReadyRule {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::HighErrorRatio,
        Self::SlowRequests,
        Self::Saturated,
        Self::RequestsAborted,
        Self::DependencyUnhealthy,
        Self::ServiceDown,
        Self::ObjectiveBurning,
        Self::AuthenticationFailures,
        Self::CacheMisses,
        Self::SlowQueries,
        Self::RepeatedQueries,
        Self::PoolExhausted,
        Self::RedisMemoryHigh,
        Self::SeriesOverflow,
        Self::LabelOverflow,
        Self::NotificationFailing,
        Self::EventLoopBlocked,
        Self::DiskFull,
        Self::CertificateExpiring,
        Self::Watchdog,
    ];
}

/// What a rule is before it is adjusted.
pub(super) struct Row {
    /// What is compared, or the whole expression.
    pub(super) value: &'static str,
    pub(super) comparison: Option<(&'static str, f64)>,
    pub(super) for_seconds: u64,
    pub(super) severity: &'static str,
    pub(super) summary: &'static str,
}

/// Thresholds are those that the field uses: 10 failed logins a second, 80 % misses, 90 % of a memory limit, 30 days for a
/// certificate, and 6 for a burn rate (a month's budget in five days).
pub(super) fn row(rule: ReadyRule) -> Row {
    let row = |value, (operator, threshold), for_seconds, severity, summary| Row {
        value,
        comparison: Some((operator, threshold)),
        for_seconds,
        severity,
        summary,
    };
    match rule {
        ReadyRule::HighErrorRatio => row(
            "sum(rate(http_requests_errors_total[5m])) / sum(rate(http_requests_total[5m]))",
            (">", 0.05),
            120,
            "critical",
            "{{ $value | humanizePercentage }} of requests fail",
        ),
        ReadyRule::SlowRequests => row(
            "histogram_quantile(0.95, sum by (endpoint, le) (rate(http_request_duration_seconds_bucket[5m])))",
            (">", 1.0),
            300,
            "warning",
            "{{ $labels.endpoint }} takes {{ $value | humanizeDuration }} at the 95 % quantile",
        ),
        ReadyRule::Saturated => row(
            "sum(http_requests_in_flight)",
            (">", 1000.0),
            300,
            "warning",
            "{{ $value }} requests are under way",
        ),
        ReadyRule::RequestsAborted => row(
            "sum(rate(http_requests_aborted_total[5m])) / sum(rate(http_requests_total[5m]))",
            (">", 0.1),
            300,
            "warning",
            "{{ $value | humanizePercentage }} as many requests are aborted as are answered",
        ),
        ReadyRule::DependencyUnhealthy => {
            row("health_check_status", ("==", 0.0), 120, "critical", "The check {{ $labels.check }} fails")
        }
        ReadyRule::ServiceDown => row("up", ("==", 0.0), 60, "critical", "{{ $labels.job }} is down"),
        ReadyRule::ObjectiveBurning => row(
            "slo:current_burn_rate:ratio",
            (">", 6.0),
            900,
            "high",
            "{{ $labels.sloth_slo }} burns its budget {{ $value | humanize }} times too fast",
        ),
        ReadyRule::AuthenticationFailures => row(
            "sum(rate(auth_failures_total[5m]))",
            (">", 10.0),
            120,
            "high",
            "{{ $value | humanize }} logins fail each second",
        ),
        ReadyRule::CacheMisses => row(
            // A cache that never hit has no hits to add.
            "sum by (cache_type) (rate(cache_misses_total[5m])) / (sum by (cache_type) (rate(cache_misses_total[5m])) + (sum by (cache_type) (rate(cache_hits_total[5m])) or 0 * sum by (cache_type) (rate(cache_misses_total[5m]))))",
            (">", 0.8),
            300,
            "warning",
            "{{ $value | humanizePercentage }} of reads miss the cache {{ $labels.cache_type }}",
        ),
        ReadyRule::SlowQueries => row(
            "histogram_quantile(0.95, sum by (query_type, le) (rate(db_query_duration_seconds_bucket[5m])))",
            (">", 1.0),
            300,
            "warning",
            "SQL ({{ $labels.query_type }}) takes {{ $value | humanizeDuration }} at the 95 % quantile",
        ),
        ReadyRule::RepeatedQueries => row(
            "sum by (endpoint) (increase(db_n_plus_one_detected_total[10m]))",
            (">", 0.0),
            0,
            "low",
            "{{ $labels.endpoint }} sends the same statement again and again",
        ),
        ReadyRule::PoolExhausted => row(
            "db_connection_pool{status=\"overflow\"}",
            (">", 0.0),
            120,
            "critical",
            "The pool {{ $labels.pool }} is {{ $value }} connections beyond its size",
        ),
        ReadyRule::RedisMemoryHigh => row(
            // Without a limit it is 0.
            "redis_memory_used_bytes / (redis_memory_max_bytes > 0)",
            (">", 0.9),
            300,
            "warning",
            "Redis uses {{ $value | humanizePercentage }} of its memory",
        ),
        ReadyRule::SeriesOverflow => row(
            "sum(increase(tower_watch_series_overflow_total[10m]))",
            (">", 0.0),
            0,
            "warning",
            "There are more series than are kept",
        ),
        ReadyRule::LabelOverflow => row(
            "sum by (label) (increase(tower_watch_label_overflow_total[10m]))",
            (">", 0.0),
            0,
            "low",
            "The label {{ $labels.label }} has more values than are kept",
        ),
        ReadyRule::NotificationFailing => row(
            // What is refused will never arrive; what is tried again mostly does.
            "sum by (receiver) (increase(tower_watch_notifications_total{outcome=~\"refused|dropped\"}[10m])) > 0 or sum by (receiver) (increase(tower_watch_notifications_total{outcome=\"retried\"}[10m]))",
            (">", 5.0),
            0,
            "high",
            "{{ $labels.receiver }} was not told of alerts",
        ),
        ReadyRule::EventLoopBlocked => row(
            "max(event_loop_lag_seconds)",
            (">", 0.1),
            60,
            "warning",
            "The executor is blocked for {{ $value | humanizeDuration }}",
        ),
        ReadyRule::DiskFull => row(
            "disk_available_bytes / (disk_total_bytes > 0)",
            ("<", 0.1),
            300,
            "high",
            "{{ $value | humanizePercentage }} of a disk is free",
        ),
        ReadyRule::CertificateExpiring => row(
            "(tls_certificate_not_after_seconds - time()) / 86400",
            ("<", 30.0),
            600,
            "warning",
            "A certificate ends in {{ $value | humanize }} days",
        ),
        ReadyRule::Watchdog => Row {
            value: "vector(1)",
            comparison: None,
            for_seconds: 0,
            severity: "info",
            summary: "Always fires: alerts are evaluated and sent",
        },
    }
}
