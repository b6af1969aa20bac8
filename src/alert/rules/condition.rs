//! What is looked at of a metric, as PromQL.

use std::fmt;
use std::time::Duration;

use crate::alert::rules::duration;
use crate::alert::rules::names::{check_label, check_metric};
use crate::series::Quoted;

const OVER: Duration = Duration::from_secs(300);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Measure {
    Rate,
    Increase,
    Average,
    /// In percent.
    Percentile(f64),
    Latest,
    Max,
    Min,
    Sum,
    Absent,
    /// Of this metric.
    Ratio(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
}

impl Comparison {
    fn operator(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Equal => "==",
        }
    }

    fn is_upwards(self) -> bool {
        matches!(self, Self::Above | Self::AtLeast)
    }

    fn is_downwards(self) -> bool {
        matches!(self, Self::Below | Self::AtMost)
    }
}

/// A condition on a metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    metric: String,
    pub(super) measure: Measure,
    pub(super) over: Option<Duration>,
    /// Labels, and the patterns of which one has to fit.
    pub(super) matching: Vec<(String, Vec<String>)>,
    pub(super) by: Vec<String>,
    pub(super) threshold: Option<(Comparison, f64)>,
    pub(super) resolve: Option<(Comparison, f64)>,
    pub(super) and: Vec<Condition>,
}

impl Condition {
    pub(super) fn new(metric: &str) -> Self {
        Self {
            metric: resolved(metric),
            measure: Measure::Latest,
            over: None,
            matching: Vec::new(),
            by: Vec::new(),
            threshold: None,
            resolve: None,
            and: Vec::new(),
        }
    }

    pub(super) fn set_metric(&mut self, metric: &str) {
        self.metric = resolved(metric);
    }

    pub(super) fn metric(&self) -> &str {
        &self.metric
    }

    /// What cannot be, and how it is mended.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = Vec::new();
        problems.extend(check_metric(&self.metric).err());
        if let Measure::Ratio(whole) = &self.measure {
            problems.extend(check_metric(whole).err());
        }
        for label in self.by.iter().chain(self.matching.iter().map(|(label, _)| label)) {
            problems.extend(check_label(label).err());
        }
        match self.measure {
            Measure::Percentile(percent) if !(0.0..=100.0).contains(&percent) => {
                problems.push(format!("the percentile {percent} is not between 0 and 100"));
            }
            Measure::Absent if self.threshold.is_some() => {
                problems.push("what is absent has no value to compare; leave the threshold out".to_owned());
            }
            Measure::Absent => {}
            _ if self.threshold.is_none() => {
                problems.push(
                    "it has no threshold; say `.above(...)`, `.below(...)` or `.equals(...)`".to_owned(),
                );
            }
            _ => {}
        }
        if self.threshold.is_some_and(|(_, value)| value.is_nan()) {
            problems.push("the threshold is no number, so it can never be crossed".to_owned());
        }
        if let Some((_, value)) = self.threshold.filter(|(_, value)| *value > 1.0 && self.is_error_ratio()) {
            problems.push(format!(
                "an error ratio is not above {value}: it is a share; for {value} percent write {value}% or {}",
                value / 100.0
            ));
        }
        if self.over.is_some_and(|over| over < Duration::from_millis(1)) {
            problems.push("over: the time has to be at least a millisecond".to_owned());
        }
        problems.extend(self.resolve_problem());
        problems.extend(self.and.iter().flat_map(Self::problems));
        problems
    }

    fn resolve_problem(&self) -> Option<String> {
        let (way, end) = self.resolve?;
        let below = way == Comparison::Below;
        match self.threshold {
            Some((fires, start)) if below && fires.is_upwards() => (end > start || end.is_nan()).then(|| {
                format!("it fires above {start} and ends below {end}; the end has to be {start} or less")
            }),
            Some((fires, start)) if !below && fires.is_downwards() => {
                (end < start || end.is_nan()).then(|| {
                    format!("it fires below {start} and ends above {end}; the end has to be {start} or more")
                })
            }
            _ => Some(format!(
                "`resolve_{}` goes with `{}` only",
                if below { "below" } else { "above" },
                if below { "above" } else { "below" },
            )),
        }
    }

    /// The expression that makes it fire.
    pub(super) fn fire(&self) -> String {
        self.joined(&|condition| match condition.threshold {
            Some((comparison, value)) => {
                format!("{} {} {value}", condition.value(), comparison.operator())
            }
            None => condition.value(),
        })
    }

    /// The expression that keeps it firing, where that is another.
    pub(super) fn keep(&self) -> Option<String> {
        let has_end = |condition: &Self| condition.resolve.is_some();
        if !has_end(self) && !self.and.iter().any(has_end) {
            return None;
        }
        Some(self.joined(&|condition| match (condition.resolve, condition.threshold) {
            // It ends below: at it, it goes on.
            (Some((Comparison::Below, end)), _) => format!("{} >= {end}", condition.value()),
            (Some((_, end)), _) => format!("{} <= {end}", condition.value()),
            (None, Some((comparison, value))) => {
                format!("{} {} {value}", condition.value(), comparison.operator())
            }
            (None, None) => condition.value(),
        }))
    }

    fn joined(&self, text: &impl Fn(&Self) -> String) -> String {
        if self.and.is_empty() {
            return text(self);
        }
        let mut joined = format!("({})", text(self));
        for other in &self.and {
            let shared: Vec<&str> =
                self.by.iter().filter(|label| other.by.contains(label)).map(String::as_str).collect();
            joined.push_str(&format!(" and on ({}) ({})", shared.join(", "), other.joined(text)));
        }
        joined
    }

    /// What is compared.
    fn value(&self) -> String {
        let over = duration::format(self.over.unwrap_or(OVER));
        let by = self.group(&[]);
        let metric = &self.metric;
        let of = |metric: &str| self.selector(metric);
        match &self.measure {
            Measure::Rate => format!("sum{by}(rate({}[{over}]))", of(metric)),
            Measure::Increase => format!("sum{by}(increase({}[{over}]))", of(metric)),
            Measure::Average => {
                let sum = of(&format!("{metric}_sum"));
                let count = of(&format!("{metric}_count"));
                let plain = of(metric);
                format!(
                    "(sum{by}(rate({sum}[{over}])) / sum{by}(rate({count}[{over}])) or avg{by}(avg_over_time({plain}[{over}])))"
                )
            }
            Measure::Percentile(percent) => {
                let bucket = of(&format!("{metric}_bucket"));
                // In percent, so that 99.9 is 0.999 and not its neighbour.
                let quantile = format!("{:.10}", percent / 100.0);
                let quantile = quantile.trim_end_matches('0').trim_end_matches('.');
                format!("histogram_quantile({quantile}, sum{}(rate({bucket}[{over}])))", self.group(&["le"]))
            }
            Measure::Latest if self.by.is_empty() => of(metric),
            Measure::Latest => match self.threshold {
                Some((comparison, _)) if comparison.is_downwards() => format!("min{by}({})", of(metric)),
                _ => format!("max{by}({})", of(metric)),
            },
            Measure::Max => format!("max{by}(max_over_time({}[{over}]))", of(metric)),
            Measure::Min => format!("min{by}(min_over_time({}[{over}]))", of(metric)),
            Measure::Sum => format!("sum{by}({})", of(metric)),
            Measure::Absent if self.over.is_some() => format!("absent_over_time({}[{over}])", of(metric)),
            Measure::Absent => format!("absent({})", of(metric)),
            Measure::Ratio(whole) if is_counter(metric) && is_counter(whole) => {
                format!("sum{by}(rate({}[{over}])) / sum{by}(rate({}[{over}]))", of(metric), of(whole))
            }
            Measure::Ratio(whole) => format!("sum{by}({}) / sum{by}({})", of(metric), of(whole)),
        }
    }

    fn group(&self, more: &[&str]) -> String {
        let labels: Vec<&str> = more.iter().copied().chain(self.by.iter().map(String::as_str)).collect();
        if labels.is_empty() { String::new() } else { format!(" by ({}) ", labels.join(", ")) }
    }

    fn selector(&self, metric: &str) -> String {
        let matchers: Vec<String> =
            self.matching.iter().map(|(label, patterns)| matcher(label, patterns)).collect();
        if matchers.is_empty() { metric.to_owned() } else { format!("{metric}{{{}}}", matchers.join(",")) }
    }

    /// A name for its alerts.
    pub(super) fn default_name(&self) -> String {
        let metric = ["_total", "_seconds", "_bytes"]
            .iter()
            .find_map(|unit| self.metric.strip_suffix(unit))
            .unwrap_or(&self.metric);
        let is_error_ratio = self.is_error_ratio();
        let mut name = if is_error_ratio { "ErrorRatio".to_owned() } else { camel(metric) };
        if !is_error_ratio && self.measure != Measure::Latest {
            name.push_str(&camel(&self.measure.to_string().replace(['.', ' '], "_")));
        }
        name.push_str(match self.threshold {
            Some((comparison, _)) if comparison.is_upwards() => "High",
            Some((comparison, _)) if comparison.is_downwards() => "Low",
            Some(_) => "Reached",
            None => "",
        });
        name
    }

    fn is_error_ratio(&self) -> bool {
        self.metric == "http_requests_errors_total" && matches!(self.measure, Measure::Ratio(_))
    }

    /// What is said where nothing else is.
    pub(super) fn summary(&self) -> String {
        let by: Vec<String> =
            self.by.iter().map(|label| format!("{label} {{{{ $labels.{label} }}}}")).collect();
        let of = if by.is_empty() { String::new() } else { format!(" of {}", by.join(", ")) };
        let subject = if self.is_error_ratio() {
            "error ratio".to_owned()
        } else {
            format!("{} {}", self.metric, self.measure)
        };
        match self.threshold {
            Some((comparison, value)) => {
                format!("{subject}{of} is {{{{ $value }}}} ({} {value})", comparison.operator())
            }
            None => format!("{subject}{of}"),
        }
    }
}

/// As in the one-line form.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate => f.write_str("rate"),
            Self::Increase => f.write_str("increase"),
            Self::Average => f.write_str("average"),
            Self::Percentile(percent) => write!(f, "p{percent}"),
            Self::Latest => f.write_str("latest"),
            Self::Max => f.write_str("max"),
            Self::Min => f.write_str("min"),
            Self::Sum => f.write_str("sum"),
            Self::Absent => f.write_str("absent"),
            Self::Ratio(whole) => write!(f, "ratio of {whole}"),
        }
    }
}

/// The name under which the metric is kept.
fn resolved(metric: &str) -> String {
    const WITH_UNIT: [(&str, &str); 5] = [
        ("_duration", "_seconds"),
        ("_latency", "_seconds"),
        ("http_response_head", "_seconds"),
        ("http_request_size", "_bytes"),
        ("http_response_size", "_bytes"),
    ];
    let unit = WITH_UNIT.iter().find(|(end, _)| metric.ends_with(end)).map_or("", |(_, unit)| unit);
    format!("{metric}{unit}")
}

fn is_counter(metric: &str) -> bool {
    ["_total", "_count", "_sum", "_bucket"].iter().any(|end| metric.ends_with(end))
}

fn matcher(label: &str, patterns: &[String]) -> String {
    match patterns {
        [one] if !one.contains('*') => format!("{label}={}", Quoted(one)),
        _ => {
            let patterns: Vec<String> = patterns.iter().map(|pattern| regex_of(pattern)).collect();
            format!("{label}=~{}", Quoted(&patterns.join("|")))
        }
    }
}

/// A pattern as a regular expression; Prometheus anchors it at both ends.
pub(super) fn regex_of(pattern: &str) -> String {
    let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
    parts.join(".*")
}

fn camel(words: &str) -> String {
    let mut name = String::new();
    for word in words.split(['_', ':']) {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}
