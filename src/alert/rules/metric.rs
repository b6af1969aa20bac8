//! A rule in code without PromQL: a metric, what is looked at of it, and a threshold.

use std::time::Duration;

use crate::alert::rules::condition::{Comparison, Condition, Measure};
use crate::alert::rules::{IntoRules, RuleBuilder, RuleGroup, RuleProblem, RuleProblems};
use crate::alert::{Alert, Severity};

impl Alert {
    /// A rule about a metric, without PromQL. Seconds and bytes are as in the metric; `http_request_duration` finds
    /// `http_request_duration_seconds`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_watch::alert::{Alert, Severity, rules::IntoRules};
    ///
    /// let failing = Alert::metric("orders_failed_total")
    ///     .rate()
    ///     .over(Duration::from_secs(300))
    ///     .above(0.5)
    ///     .resolve_below(0.1)
    ///     .severity(Severity::High);
    /// let groups = failing.into_rules()?;
    /// assert_eq!(groups[0].rules[0].name(), "OrdersFailedRateHigh");
    /// assert_eq!(groups[0].rules[0].query().text(), "sum(rate(orders_failed_total[5m])) > 0.5");
    /// # Ok::<(), tower_watch::alert::rules::RuleProblems>(())
    /// ```
    pub fn metric(name: impl Into<String>) -> MetricRule {
        MetricRule::new(Condition::new(&name.into()))
    }

    /// A rule about the share of requests that fail, by the toolkit's own definition of an error: 0.05 is 5 %.
    pub fn error_ratio() -> MetricRule {
        let mut condition = Condition::new("http_requests_errors_total");
        condition.measure = Measure::Ratio("http_requests_total".to_owned());
        MetricRule::new(condition)
    }
}

/// A rule about a metric that is being said. The latest value counts unless something else is said, over 5 minutes where a
/// time is needed; all series are put together unless [`by`](Self::by) keeps them apart.
///
/// | method | expression of `m` over 5 minutes |
/// |---|---|
/// | `rate` | `sum(rate(m[5m]))`, per second |
/// | `increase` | `sum(increase(m[5m]))` |
/// | `average` | `sum(rate(m_sum[5m])) / sum(rate(m_count[5m])) or avg(avg_over_time(m[5m]))`: of a histogram or a gauge |
/// | `p95`, `percentile` | `histogram_quantile(0.95, sum by (le) (rate(m_bucket[5m])))` |
/// | `latest` | `m`, each series on its own; with `by`, the largest (the smallest, below a threshold) |
/// | `max`, `min` | `max(max_over_time(m[5m]))`, `min(min_over_time(m[5m]))` |
/// | `sum` | `sum(m)` |
/// | `absent` | `absent(m)`; with `over`, `absent_over_time(m[5m])` |
/// | `ratio_of(m, n)` | `sum(rate(m[5m])) / sum(rate(n[5m]))` of counters, `sum(m) / sum(n)` of others |
///
/// Rates and increases are counted and not extrapolated ([`Query::exact`](crate::promql::Query::exact)).
#[derive(Clone, Debug)]
#[must_use = "a rule does nothing until it is given to a watch"]
pub struct MetricRule {
    condition: Condition,
    name: Option<String>,
    /// What it has in common with a rule in PromQL.
    rule: RuleBuilder,
}

impl MetricRule {
    pub(super) fn new(condition: Condition) -> Self {
        Self { condition, name: None, rule: RuleBuilder::new(String::new()) }
    }

    fn measure(mut self, measure: Measure) -> Self {
        self.condition.measure = measure;
        self
    }

    fn compare(mut self, comparison: Comparison, threshold: f64) -> Self {
        self.condition.threshold = Some((comparison, threshold));
        self
    }

    /// The alert's name; by default made of the metric and what is looked at, as in `OrdersFailedRateHigh`.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How fast a counter grows, per second.
    pub fn rate(self) -> Self {
        self.measure(Measure::Rate)
    }

    /// By how much a counter grew.
    pub fn increase(self) -> Self {
        self.measure(Measure::Increase)
    }

    /// The mean of what a histogram counted, or of a gauge over the time.
    pub fn average(self) -> Self {
        self.measure(Measure::Average)
    }

    /// The value that 95 % of what a histogram counted do not exceed.
    pub fn p95(self) -> Self {
        self.percentile(95.0)
    }

    /// The value that so many percent (0 to 100) of what a histogram counted do not exceed.
    pub fn percentile(self, percent: f64) -> Self {
        self.measure(Measure::Percentile(percent))
    }

    /// The value now.
    pub fn latest(self) -> Self {
        self.measure(Measure::Latest)
    }

    /// The largest value.
    pub fn max(self) -> Self {
        self.measure(Measure::Max)
    }

    /// The smallest value.
    pub fn min(self) -> Self {
        self.measure(Measure::Min)
    }

    /// The sum of all series now.
    pub fn sum(self) -> Self {
        self.measure(Measure::Sum)
    }

    /// That there is no such series. Has no threshold.
    pub fn absent(self) -> Self {
        self.measure(Measure::Absent)
    }

    /// The first metric as a share of the second: 0.05 is 5 %. Of counters, what they grew by; of others, their values.
    pub fn ratio_of(mut self, part: &str, whole: impl Into<String>) -> Self {
        self.condition.set_metric(part);
        self.measure(Measure::Ratio(whole.into()))
    }

    /// The time that is looked at. 5 minutes.
    pub fn over(mut self, time: Duration) -> Self {
        self.condition.over = Some(time);
        self
    }

    /// Fires above this value.
    pub fn above(self, threshold: f64) -> Self {
        self.compare(Comparison::Above, threshold)
    }

    /// Fires below this value.
    pub fn below(self, threshold: f64) -> Self {
        self.compare(Comparison::Below, threshold)
    }

    /// Fires at this value.
    pub fn equals(self, threshold: f64) -> Self {
        self.compare(Comparison::Equal, threshold)
    }

    /// An alert that fires above its threshold goes on until the value is below this one.
    pub fn resolve_below(mut self, threshold: f64) -> Self {
        self.condition.resolve = Some((Comparison::Below, threshold));
        self
    }

    /// An alert that fires below its threshold goes on until the value is above this one.
    pub fn resolve_above(mut self, threshold: f64) -> Self {
        self.condition.resolve = Some((Comparison::Above, threshold));
        self
    }

    /// Fires only while the other condition holds too (for the same labels, where both have `by`). Of the other rule
    /// nothing but its condition counts.
    pub fn and(mut self, other: Self) -> Self {
        self.condition.and.push(other.condition);
        self
    }

    /// Keeps series apart by these labels: an alert for each.
    pub fn by<L: Into<String>>(mut self, labels: impl IntoIterator<Item = L>) -> Self {
        self.condition.by.extend(labels.into_iter().map(Into::into));
        self
    }

    /// Looks at series with this label only. A `*` in the value stands for anything.
    pub fn matching(mut self, label: impl Into<String>, value: &str) -> Self {
        self.condition.matching.push((label.into(), vec![value.to_owned()]));
        self
    }

    /// Looks at these routes only, each on its own: values of the label `endpoint`, of which a `*` stands for anything.
    pub fn on<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        let patterns = patterns.into_iter().map(Into::into).collect();
        self.condition.matching.push(("endpoint".to_owned(), patterns));
        self.by(["endpoint"])
    }

    /// As [`RuleBuilder::for_`].
    pub fn for_(mut self, time: Duration) -> Self {
        self.rule = self.rule.for_(time);
        self
    }

    /// As [`RuleBuilder::keep_firing_for`].
    pub fn keep_firing_for(mut self, time: Duration) -> Self {
        self.rule = self.rule.keep_firing_for(time);
        self
    }

    /// As [`RuleBuilder::severity`].
    pub fn severity(mut self, severity: impl Into<Severity>) -> Self {
        self.rule = self.rule.severity(severity);
        self
    }

    /// As [`RuleBuilder::label`].
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.rule = self.rule.label(name, value);
        self
    }

    /// As [`RuleBuilder::annotate`]. Without a `summary`, the condition and the value are said.
    pub fn annotate(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.rule = self.rule.annotate(name, text);
        self
    }

    /// As [`RuleBuilder::notify`].
    pub fn notify(mut self, receiver: impl Into<String>) -> Self {
        self.rule = self.rule.notify(receiver);
        self
    }

    /// As [`RuleBuilder::every`].
    pub fn every(mut self, interval: Duration) -> Self {
        self.rule = self.rule.every(interval);
        self
    }

    /// As [`RuleBuilder::enabled`].
    pub fn enabled(mut self, is_enabled: bool) -> Self {
        self.rule = self.rule.enabled(is_enabled);
        self
    }
}

impl IntoRules for MetricRule {
    fn into_rules(self) -> Result<Vec<RuleGroup>, RuleProblems> {
        let name = self.name.unwrap_or_else(|| self.condition.default_name());
        let problems = self.condition.problems();
        if !problems.is_empty() {
            let problem = |message| RuleProblem { rule: name.clone(), message, ..RuleProblem::default() };
            return Err(RuleProblems(problems.into_iter().map(problem).collect()));
        }
        let mut rule = self.rule.exact().rename(name).when(self.condition.fire());
        if let Some(keep) = self.condition.keep() {
            rule = rule.keep_while(keep);
        }
        if !rule.says("summary") {
            rule = rule.annotate("summary", self.condition.summary());
        }
        rule.into_rules()
    }
}
