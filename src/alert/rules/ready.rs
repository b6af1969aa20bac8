//! The rules that a service has without saying any.

use std::time::Duration;

use crate::alert::Severity;
use crate::alert::rules::condition::regex_of;
use crate::alert::rules::ready_table::{self, Row};
use crate::alert::rules::{
    IntoRules, Origin, ReadyRule, RuleBuilder, RuleGroup, RuleProblem, RuleProblems, RuleSet,
};
use crate::series::Quoted;

/// The ready set: rules about what every service has, and about what it has where other parts of this toolkit, or its own
/// metrics of these names, are there. A rule whose metrics are not there says nothing.
///
/// | alert | expression | `for` | severity |
/// |---|---|---|---|
/// | `HighErrorRatio` | `sum(rate(http_requests_errors_total[5m])) / sum(rate(http_requests_total[5m])) > 0.05` | 2m | critical |
/// | `SlowRequests` | `histogram_quantile(0.95, sum by (endpoint, le) (rate(http_request_duration_seconds_bucket[5m]))) > 1` | 5m | warning |
/// | `Saturated` | `sum(http_requests_in_flight) > 1000` | 5m | warning |
/// | `RequestsAborted` | `sum(rate(http_requests_aborted_total[5m])) / sum(rate(http_requests_total[5m])) > 0.1` | 5m | warning |
/// | `DependencyUnhealthy` | `health_check_status == 0` | 2m | critical |
/// | `ServiceDown` | `up == 0` | 1m | critical |
/// | `ObjectiveBurning` | `slo:current_burn_rate:ratio > 6` | 15m | high |
/// | `AuthenticationFailures` | `sum(rate(auth_failures_total[5m])) > 10` | 2m | high |
/// | `CacheMisses` | `sum by (cache_type) (rate(cache_misses_total[5m])) / (sum by (cache_type) (rate(cache_misses_total[5m])) + (sum by (cache_type) (rate(cache_hits_total[5m])) or 0 * sum by (cache_type) (rate(cache_misses_total[5m])))) > 0.8` | 5m | warning |
/// | `SlowQueries` | `histogram_quantile(0.95, sum by (query_type, le) (rate(db_query_duration_seconds_bucket[5m]))) > 1` | 5m | warning |
/// | `RepeatedQueries` | `sum by (endpoint) (increase(db_n_plus_one_detected_total[10m])) > 0` | 0s | low |
/// | `PoolExhausted` | `db_connection_pool{status="overflow"} > 0` | 2m | critical |
/// | `RedisMemoryHigh` | `redis_memory_used_bytes / (redis_memory_max_bytes > 0) > 0.9` | 5m | warning |
/// | `SeriesOverflow` | `sum(increase(tower_watch_series_overflow_total[10m])) > 0` | 0s | warning |
/// | `LabelOverflow` | `sum by (label) (increase(tower_watch_label_overflow_total[10m])) > 0` | 0s | low |
/// | `NotificationFailing` | `sum by (receiver) (increase(tower_watch_notifications_total{outcome=~"refused\|dropped"}[10m])) > 0 or sum by (receiver) (increase(tower_watch_notifications_total{outcome="retried"}[10m])) > 5` | 0s | high |
/// | `EventLoopBlocked` | `max(event_loop_lag_seconds) > 0.1` | 1m | warning |
/// | `DiskFull` | `disk_available_bytes / (disk_total_bytes > 0) < 0.1` | 5m | high |
/// | `CertificateExpiring` | `(tls_certificate_not_after_seconds - time()) / 86400 < 30` | 10m | warning |
/// | `Watchdog` | `vector(1)` | 0s | info |
///
/// An error is what the request metrics count as one, gRPC included. `SlowRequests` looks at each route; one
/// has a threshold of its own by [`route_threshold`](Self::route_threshold), or by the policy table of the watch
/// ([`RoutePolicy::slow`](tower_watch_layers::policy::RoutePolicy::slow), but for lines that are narrowed to a method). `Watchdog` always fires: whoever stops
/// hearing it knows that the way of the alerts is broken. Rates and increases are counted and not extrapolated.
///
/// ```
/// use std::time::Duration;
/// use tower_watch::alert::Severity;
/// use tower_watch::alert::rules::{IntoRules, Ready, ReadyRule};
///
/// let ready = Ready::production()
///     .adjust(ReadyRule::HighErrorRatio, |rule| rule.above(0.02).for_(Duration::from_secs(300)))
///     .adjust(ReadyRule::Saturated, |rule| rule.above(200.0).severity(Severity::High).notify("on-call"))
///     .route_threshold("/reports/*", Duration::from_secs(20))
///     .without(ReadyRule::Watchdog);
/// assert_eq!(ready.into_rules()?[0].rules.len(), ReadyRule::ALL.len() - 1);
/// # Ok::<(), tower_watch::alert::rules::RuleProblems>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "rules do nothing until they are given to a watch"]
pub struct Ready {
    rules: Vec<(ReadyRule, Adjusted)>,
    routes: Vec<(String, Duration)>,
}

/// One of them, to be adjusted.
#[derive(Clone, Debug)]
pub struct Adjusted {
    threshold: Option<(&'static str, f64)>,
    rule: RuleBuilder,
}

impl Ready {
    /// All of them, as the production preset has them.
    pub fn production() -> Self {
        let rule = |rule: ReadyRule| {
            let row = ready_table::row(rule);
            let builder = RuleBuilder::new(format!("{rule:?}"))
                .for_(Duration::from_secs(row.for_seconds))
                .severity(Severity::from(row.severity))
                .annotate("summary", row.summary)
                .origin(Origin::Ready)
                .exact();
            (rule, Adjusted { threshold: None, rule: builder })
        };
        Self { rules: ReadyRule::ALL.into_iter().map(rule).collect(), routes: Vec::new() }
    }

    /// Changes one of them; nothing where it was left out.
    pub fn adjust(mut self, rule: ReadyRule, change: impl FnOnce(Adjusted) -> Adjusted) -> Self {
        if let Some((_, adjusted)) = self.rules.iter_mut().find(|(other, _)| *other == rule) {
            *adjusted = change(adjusted.clone());
        }
        self
    }

    /// Leaves one of them out.
    pub fn without(mut self, rule: ReadyRule) -> Self {
        self.rules.retain(|(other, _)| *other != rule);
        self
    }

    /// The 95 % quantile above which routes of this pattern are slow, in place of the threshold of `SlowRequests`. A `*`
    /// stands for anything; of several patterns that fit, the first counts.
    pub fn route_threshold(mut self, pattern: impl Into<String>, threshold: Duration) -> Self {
        self.routes.push((pattern.into(), threshold));
        self
    }

    /// The expression of `SlowRequests` with the thresholds of routes.
    fn slow_requests(&self, others: f64) -> String {
        let quantile = |matchers: &str, threshold: f64| {
            format!(
                "histogram_quantile(0.95, sum by (endpoint, le) (rate(http_request_duration_seconds_bucket{{{matchers}}}[5m]))) > {threshold}"
            )
        };
        let patterns: Vec<String> = self.routes.iter().map(|(pattern, _)| regex_of(pattern)).collect();
        let without = |count: usize| format!("endpoint!~{}", Quoted(&patterns[..count].join("|")));
        let mut parts = vec![quantile(&without(patterns.len()), others)];
        for (index, (_, threshold)) in self.routes.iter().enumerate() {
            let mut matchers = format!("endpoint=~{}", Quoted(&patterns[index]));
            if index > 0 {
                matchers = format!("{matchers},{}", without(index));
            }
            parts.push(quantile(&matchers, threshold.as_secs_f64()));
        }
        parts.join(" or ")
    }

    fn expression(&self, rule: ReadyRule, adjusted: &Adjusted) -> Result<String, String> {
        let Row { value, comparison, .. } = ready_table::row(rule);
        let Some((operator, usual)) = comparison else {
            return match adjusted.threshold {
                Some(_) => Err("it has no threshold to adjust".to_owned()),
                None => Ok(value.to_owned()),
            };
        };
        let threshold = match adjusted.threshold {
            Some((said, _)) if said != operator => {
                return Err(format!("its comparison is `{operator} {usual}`, and `{said}` was said"));
            }
            Some((_, threshold)) => threshold,
            None => usual,
        };
        if rule == ReadyRule::SlowRequests && !self.routes.is_empty() {
            return Ok(self.slow_requests(threshold));
        }
        Ok(format!("{value} {operator} {threshold}"))
    }
}

impl Adjusted {
    /// Fires above this value.
    #[must_use]
    pub fn above(mut self, threshold: f64) -> Self {
        self.threshold = Some((">", threshold));
        self
    }

    /// Fires below this value.
    #[must_use]
    pub fn below(mut self, threshold: f64) -> Self {
        self.threshold = Some(("<", threshold));
        self
    }

    /// As [`RuleBuilder::for_`].
    #[must_use]
    pub fn for_(mut self, time: Duration) -> Self {
        self.rule = self.rule.for_(time);
        self
    }

    /// As [`RuleBuilder::keep_firing_for`].
    #[must_use]
    pub fn keep_firing_for(mut self, time: Duration) -> Self {
        self.rule = self.rule.keep_firing_for(time);
        self
    }

    /// As [`RuleBuilder::severity`].
    #[must_use]
    pub fn severity(mut self, severity: impl Into<Severity>) -> Self {
        self.rule = self.rule.severity(severity);
        self
    }

    /// As [`RuleBuilder::label`].
    #[must_use]
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.rule = self.rule.label(name, value);
        self
    }

    /// As [`RuleBuilder::annotate`].
    #[must_use]
    pub fn annotate(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.rule = self.rule.annotate(name, text);
        self
    }

    /// As [`RuleBuilder::notify`].
    #[must_use]
    pub fn notify(mut self, receiver: impl Into<String>) -> Self {
        self.rule = self.rule.notify(receiver);
        self
    }
}

impl IntoRules for Ready {
    fn into_rules(self) -> Result<Vec<RuleGroup>, RuleProblems> {
        let mut set = RuleSet::new();
        for (rule, adjusted) in &self.rules {
            set.add(self.expression(*rule, adjusted).map(|expr| adjusted.rule.clone().when(expr)).map_err(
                |message| {
                    let rule = format!("{rule:?}");
                    RuleProblems(vec![RuleProblem { rule, message, ..RuleProblem::default() }])
                },
            ));
        }
        let mut groups = set.finish()?;
        for group in &mut groups {
            "ready".clone_into(&mut group.name);
        }
        Ok(groups)
    }
}

#[cfg(test)]
mod tests {
    use crate::alert::rules::{IntoRules, Ready, ReadyRule, Rule, duration};

    #[test]
    fn the_table_is_what_is_there() {
        let rows = include_str!("ready.rs").lines().filter(|line| line.starts_with("/// | `"));
        let documented: Vec<String> = rows.map(|row| row.replace("\\|", "|")).collect();
        let groups = Ready::production().into_rules().unwrap();
        let made: Vec<String> = groups[0]
            .rules
            .iter()
            .map(|rule| {
                let Rule::Alerting(rule) = rule else { unreachable!() };
                let severity = rule.labels.iter().find(|(name, _)| name == "severity").unwrap();
                let for_ = duration::format(rule.for_);
                format!("/// | `{}` | `{}` | {for_} | {} |", rule.name, rule.query.text(), severity.1)
            })
            .collect();
        assert_eq!(documented, made);
        assert_eq!(made.len(), ReadyRule::ALL.len());
    }
}
