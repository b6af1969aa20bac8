//! A rule in one line of text.
//!
//! ```text
//! line       = subject comparison clause*      an absent metric has no comparison
//! subject    = "error" "ratio"
//!            | metric [ measure ]              latest where none is said
//! measure    = "p" number | "rate" | "increase" | "avg" | "average" | "latest" | "max" | "min" | "sum" | "absent"
//! comparison = ( ">" | ">=" | "<" | "<=" | "=" | "==" ) number [ unit ]
//! unit       = "us" | "ms" | "s" | "%" | "B" | "KiB" | "MiB" | "GiB"
//! clause     = "for" duration                  how long it has to hold
//!            | "over" duration                 what is looked at, 5m where nothing is said
//!            | "every" duration                the interval of its evaluation
//!            | "on" pattern ( "," pattern )*   routes, each on its own; `*` stands for anything
//!            | "by" label ( "," label )*       an alert for each value
//!            | severity                        critical, high, warning, medium, low, info
//! ```
//!
//! Clauses come in any order, each once. Durations are Prometheus' (`1m30s`). A time becomes seconds, or milliseconds where
//! the metric's name ends in `_ms` or `_milliseconds`; 5 % is 0.05, or 5 where it ends in `_percent`; a size becomes bytes.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::alert::Severity;
use crate::alert::config::duration::parse;
use crate::alert::config::yaml::nearest;
use crate::alert::rules::condition::{Comparison, Condition, Measure};
use crate::alert::rules::names::{check_label, check_metric};
use crate::alert::rules::{IntoRules, MetricRule, RuleGroup, RuleProblem, RuleProblems};

const MEASURES: [&str; 10] =
    ["p95", "p99", "rate", "increase", "avg", "average", "latest", "max", "min", "absent"];
const CLAUSES: [&str; 11] =
    ["for", "over", "every", "on", "by", "critical", "high", "warning", "medium", "low", "info"];
const UNITS: [&str; 8] = ["us", "ms", "s", "%", "B", "KiB", "MiB", "GiB"];

/// What is wrong with a rule in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineError {
    /// The column (in characters), from 1.
    pub column: usize,
    /// What is wrong, and how it is mended.
    pub message: String,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.message)
    }
}

impl std::error::Error for LineError {}

/// One line: a metric, what is looked at of it, a threshold, and clauses in any order, each once.
///
/// | part | what may stand there |
/// |---|---|
/// | metric | its name, or `error ratio` |
/// | what of it | `p95` and the like, `rate`, `increase`, `avg`, `latest` (where nothing is said), `max`, `min`, `sum`, `absent` |
/// | threshold | `>`, `>=`, `<`, `<=`, `=`, and a number with `us`, `ms`, `s`, `%`, `B`, `KiB`, `MiB`, `GiB` or nothing; none after `absent` |
/// | `for 5m` | how long it has to hold |
/// | `over 10m` | what is looked at, `5m` where nothing is said |
/// | `every 30s` | from one evaluation to the next |
/// | `on /customers/*, /partners/*` | these routes, each on its own; `*` stands for anything |
/// | `by tenant, region` | an alert for each value |
/// | `critical`, `high`, `warning`, `medium`, `low`, `info` | the severity |
///
/// ```
/// use tower_watch::alert::rules::{IntoRules, MetricRule};
///
/// let slow: MetricRule = "http_request_duration p95 > 800ms for 5m on /customers/*, /partners/*".parse()?;
/// let groups = slow.into_rules()?;
/// assert_eq!(
///     groups[0].rules[0].query().text(),
///     "histogram_quantile(0.95, sum by (le, endpoint) (rate(\
///      http_request_duration_seconds_bucket{endpoint=~\"/customers/.*|/partners/.*\"}[5m]))) > 0.8"
/// );
/// let error = "error ratio > 5 % fro 2m".parse::<MetricRule>().unwrap_err();
/// assert_eq!(error.to_string(), "column 19: \"fro\" is no clause; did you mean \"for\"?");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl FromStr for MetricRule {
    type Err = LineError;

    fn from_str(line: &str) -> Result<Self, LineError> {
        Parser { line, words: words(line), next: 0 }.rule()
    }
}

impl IntoRules for &str {
    fn into_rules(self) -> Result<Vec<RuleGroup>, RuleProblems> {
        let rule: MetricRule = self.parse().map_err(|error: LineError| {
            let message = format!("in {self:?}: {}", error.message);
            let place = Some((1, error.column as u64));
            RuleProblems(vec![RuleProblem { place, message, ..RuleProblem::default() }])
        })?;
        rule.into_rules().map_err(|RuleProblems(problems)| {
            let within = |problem: RuleProblem| RuleProblem {
                message: format!("in {self:?}: {}", problem.message),
                ..problem
            };
            RuleProblems(problems.into_iter().map(within).collect())
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Word<'a> {
    text: &'a str,
    /// Its first byte in the line.
    start: usize,
}

/// Words, and comparisons and commas as words of their own.
fn words(line: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = 0;
    let kind = |letter: char| match letter {
        _ if letter.is_whitespace() => 0,
        '<' | '>' | '=' => 1,
        ',' => 2,
        _ => 3,
    };
    let mut letters = line.char_indices().peekable();
    while let Some((index, letter)) = letters.next() {
        let end = index + letter.len_utf8();
        let ends = letters.peek().is_none_or(|(_, next)| kind(*next) != kind(letter) || letter == ',');
        if ends {
            if kind(letter) != 0 {
                words.push(Word { text: &line[start..end], start });
            }
            start = end;
        }
    }
    words
}

struct Parser<'a> {
    line: &'a str,
    words: Vec<Word<'a>>,
    next: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Word<'a>> {
        self.words.get(self.next).copied()
    }

    fn take(&mut self) -> Option<Word<'a>> {
        let word = self.peek();
        self.next += usize::from(word.is_some());
        word
    }

    fn takes(&mut self, text: &str) -> bool {
        let fits = self.peek().is_some_and(|word| word.text.eq_ignore_ascii_case(text));
        self.next += usize::from(fits);
        fits
    }

    fn error(&self, start: usize, message: impl Into<String>) -> LineError {
        LineError { column: self.line[..start].chars().count() + 1, message: message.into() }
    }

    /// The next word, which has to be there.
    fn need(&mut self, what: &str) -> Result<Word<'a>, LineError> {
        self.take().ok_or_else(|| self.error(self.line.trim_end().len(), format!("here {what} is missing")))
    }

    fn rule(mut self) -> Result<MetricRule, LineError> {
        let mut condition = self.subject()?;
        if condition.measure != Measure::Absent {
            condition.threshold = Some(self.threshold(&condition)?);
        }
        self.clauses(MetricRule::new(condition))
    }

    fn subject(&mut self) -> Result<Condition, LineError> {
        let metric = self.need("a metric's name, or `error ratio`")?;
        if metric.text.eq_ignore_ascii_case("error") && self.takes("ratio") {
            let mut condition = Condition::new("http_requests_errors_total");
            condition.measure = Measure::Ratio("http_requests_total".to_owned());
            return Ok(condition);
        }
        check_metric(metric.text).map_err(|message| self.error(metric.start, message))?;
        let mut condition = Condition::new(metric.text);
        let is_comparison = |word: Word<'_>| word.text.starts_with(['<', '>', '=']);
        if let Some(word) = self.peek().filter(|word| !is_comparison(*word)) {
            condition.measure = self.measure(word)?;
            self.next += 1;
        }
        Ok(condition)
    }

    fn measure(&self, word: Word<'a>) -> Result<Measure, LineError> {
        let text = word.text.to_ascii_lowercase();
        Ok(match text.as_str() {
            "rate" => Measure::Rate,
            "increase" => Measure::Increase,
            "avg" | "average" | "mean" => Measure::Average,
            "latest" => Measure::Latest,
            "max" => Measure::Max,
            "min" => Measure::Min,
            "sum" => Measure::Sum,
            "absent" => Measure::Absent,
            other => {
                let percent = other.strip_prefix('p').and_then(|percent| percent.parse::<f64>().ok());
                match percent {
                    Some(percent) if (0.0..=100.0).contains(&percent) => Measure::Percentile(percent),
                    Some(percent) => {
                        let message = format!("the percentile {percent} is not between 0 and 100");
                        return Err(self.error(word.start, message));
                    }
                    None => {
                        let known = "p95, rate, increase, avg, latest, max, min, sum, absent or a comparison";
                        return Err(self.unknown(
                            word,
                            &format!("nothing to look at: write {known}"),
                            MEASURES,
                        ));
                    }
                }
            }
        })
    }

    fn unknown<const N: usize>(&self, word: Word<'_>, what: &str, known: [&'static str; N]) -> LineError {
        let text = word.text;
        match nearest(text, known) {
            Some(near) => {
                let what = what.split(':').next().unwrap_or_default();
                self.error(word.start, format!("{text:?} is {what}; did you mean {near:?}?"))
            }
            None => self.error(word.start, format!("{text:?} is {what}")),
        }
    }

    fn threshold(&mut self, condition: &Condition) -> Result<(Comparison, f64), LineError> {
        let word = self.need("a comparison, as in `> 800ms`,")?;
        let comparison = match word.text {
            ">" => Comparison::Above,
            ">=" => Comparison::AtLeast,
            "<" => Comparison::Below,
            "<=" => Comparison::AtMost,
            "=" | "==" => Comparison::Equal,
            other => {
                let message = format!("{other:?} is no comparison: write >, >=, <, <= or =");
                return Err(self.error(word.start, message));
            }
        };
        let number = self.need("a number")?;
        let digits = number.text.find(|letter: char| !is_of_number(letter)).unwrap_or(number.text.len());
        let (digits, unit) = number.text.split_at(digits);
        let value: f64 = digits
            .parse()
            .map_err(|_| self.error(number.start, format!("{:?} is no number", number.text)))?;
        let mut unit = Word { text: unit, start: number.start + digits.len() };
        if unit.text.is_empty()
            && let Some(next) =
                self.peek().filter(|next| UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(next.text)))
        {
            unit = next;
            self.next += 1;
        }
        Ok((comparison, self.scaled(value, unit, condition)?))
    }

    fn scaled(&self, value: f64, unit: Word<'_>, condition: &Condition) -> Result<f64, LineError> {
        let metric = condition.metric();
        let ends = |ends: [&str; 2]| ends.iter().any(|end| metric.ends_with(end));
        let is_share = matches!(condition.measure, Measure::Ratio(_));
        let refuse = |of: &str| {
            let message = format!("{:?} is {of}, and {metric} has other values", unit.text);
            Err(self.error(unit.start, message))
        };
        if unit.text.is_empty() {
            return Ok(value);
        }
        let seconds = match unit.text {
            "%" if metric.ends_with("_percent") => return Ok(value),
            "%" if ends(["_seconds", "_bytes"]) => return refuse("a share"),
            // 5 / 100 is 0.05, and 5 * 0.01 its neighbour.
            "%" => return Ok(value / 100.0),
            "us" => value / 1e6,
            "ms" => value / 1e3,
            "s" => value,
            "B" | "KiB" | "MiB" | "GiB" if is_share || ends(["_seconds", "_percent"]) => {
                return refuse("a size");
            }
            "B" => return Ok(value),
            "KiB" => return Ok(value * 1024.0),
            "MiB" => return Ok(value * 1024.0 * 1024.0),
            "GiB" => return Ok(value * 1024.0 * 1024.0 * 1024.0),
            _ => return Err(self.unknown(unit, "no unit: write us, ms, s, %, B, KiB, MiB or GiB", UNITS)),
        };
        if is_share || ends(["_bytes", "_percent"]) {
            return refuse("a time");
        }
        Ok(if !ends(["_ms", "_milliseconds"]) {
            seconds
        } else if unit.text == "ms" {
            value
        } else {
            seconds * 1e3
        })
    }

    fn clauses(&mut self, mut rule: MetricRule) -> Result<MetricRule, LineError> {
        let mut said: Vec<&'static str> = Vec::new();
        while let Some(word) = self.take() {
            let text = word.text.to_ascii_lowercase();
            let Some(clause) = CLAUSES.into_iter().find(|clause| *clause == text) else {
                let known = "no clause: write for, over, every, on, by or a severity";
                return Err(self.unknown(word, known, CLAUSES));
            };
            let kind = if CLAUSES[..5].contains(&clause) { clause } else { "a severity" };
            if said.contains(&kind) {
                return Err(self.error(word.start, format!("{kind} is said twice")));
            }
            said.push(kind);
            rule = match clause {
                "for" => rule.for_(self.duration()?),
                "over" => rule.over(self.duration()?),
                "every" => rule.every(self.duration()?),
                "on" => rule.on(self.list("a route")?.iter().map(|word| word.text)),
                "by" => {
                    let labels = self.list("a label")?;
                    for label in &labels {
                        check_label(label.text).map_err(|message| self.error(label.start, message))?;
                    }
                    rule.by(labels.iter().map(|word| word.text))
                }
                severity => rule.severity(Severity::from(severity)),
            };
        }
        Ok(rule)
    }

    fn duration(&mut self) -> Result<Duration, LineError> {
        let word = self.need("a duration, as in 5m,")?;
        let time = parse(word.text).map_err(|message| self.error(word.start, message))?;
        if time.is_zero() {
            return Err(self.error(word.start, "the duration has to be longer than nothing; or leave it out"));
        }
        Ok(time)
    }

    fn list(&mut self, what: &str) -> Result<Vec<Word<'a>>, LineError> {
        let mut words = Vec::new();
        loop {
            let word = self.need(what)?;
            if word.text == "," {
                return Err(self.error(word.start, format!("here {what} is missing")));
            }
            words.push(word);
            if !self.takes(",") {
                return Ok(words);
            }
        }
    }
}

fn is_of_number(letter: char) -> bool {
    letter.is_ascii_digit() || matches!(letter, '.' | '-' | '+')
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::alert::rules::{AlertingRule, IntoRules, MetricRule, Rule};

    fn rule(line: &str) -> AlertingRule {
        let mut groups = line.into_rules().unwrap_or_else(|problems| panic!("{line}: {problems}"));
        match groups.remove(0).rules.remove(0) {
            Rule::Alerting(rule) => rule,
            Rule::Recording(_) => unreachable!(),
        }
    }

    #[test]
    fn lines_are_expressions() {
        for (line, name, expr) in [
            (
                "http_request_duration p95 > 800ms for 5m on /customers/*, /partners/*",
                "HttpRequestDurationP95High",
                "histogram_quantile(0.95, sum by (le, endpoint) (rate(http_request_duration_seconds_bucket{endpoint=~\"/customers/.*|/partners/.*\"}[5m]))) > 0.8",
            ),
            (
                "http_request_duration_seconds p99.9>1.5s over 10m on /users/{id}",
                "HttpRequestDurationP999High",
                "histogram_quantile(0.999, sum by (le, endpoint) (rate(http_request_duration_seconds_bucket{endpoint=\"/users/{id}\"}[10m]))) > 1.5",
            ),
            (
                "error ratio > 5% for 2m",
                "ErrorRatioHigh",
                "sum(rate(http_requests_errors_total[5m])) / sum(rate(http_requests_total[5m])) > 0.05",
            ),
            (
                "error ratio >= 0.5 % on /a,/b/*",
                "ErrorRatioHigh",
                "sum by (endpoint) (rate(http_requests_errors_total{endpoint=~\"/a|/b/.*\"}[5m])) / sum by (endpoint) (rate(http_requests_total{endpoint=~\"/a|/b/.*\"}[5m])) >= 0.005",
            ),
            (
                "orders_failed_total rate > 0.5 by tenant, region",
                "OrdersFailedRateHigh",
                "sum by (tenant, region) (rate(orders_failed_total[5m])) > 0.5",
            ),
            ("queue_depth >= 100 critical", "QueueDepthHigh", "queue_depth >= 100"),
            ("workers = 0", "WorkersReached", "workers == 0"),
            (
                "memory_usage_bytes max > 512 MiB",
                "MemoryUsageMaxHigh",
                "max(max_over_time(memory_usage_bytes[5m])) > 536870912",
            ),
            ("heartbeat absent for 3m", "HeartbeatAbsent", "absent(heartbeat)"),
            ("heartbeat absent over 10m", "HeartbeatAbsent", "absent_over_time(heartbeat[10m])"),
            ("db_avg_response_time_ms > 0.2s", "DbAvgResponseTimeMsHigh", "db_avg_response_time_ms > 200"),
            ("db_avg_response_time_ms > 200ms", "DbAvgResponseTimeMsHigh", "db_avg_response_time_ms > 200"),
            (
                "db_pool_utilization_percent > 90%",
                "DbPoolUtilizationPercentHigh",
                "db_pool_utilization_percent > 90",
            ),
            ("temperature min < -5", "TemperatureMinLow", "min(min_over_time(temperature[5m])) < -5"),
            (
                "job_seconds avg > 2",
                "JobAverageHigh",
                "(sum(rate(job_seconds_sum[5m])) / sum(rate(job_seconds_count[5m])) or avg(avg_over_time(job_seconds[5m]))) > 2",
            ),
        ] {
            let rule = rule(line);
            assert_eq!((rule.name.as_str(), rule.query.text()), (name, expr), "{line}");
        }
    }

    #[test]
    fn clauses_come_in_any_order() {
        let one = rule("orders_failed_total rate > 0.5 critical every 30s for 2m over 10m");
        assert_eq!(one, rule("orders_failed_total rate > 0.5 over 10m for 2m every 30s critical"));
        assert_eq!(one.for_, Duration::from_secs(120));
        assert_eq!(one.labels, [("severity".to_owned(), "critical".to_owned())]);
        let groups = "a_total rate > 1 every 30s".into_rules().unwrap();
        assert_eq!(groups[0].interval, Some(Duration::from_secs(30)));
    }

    #[test]
    fn errors_have_a_column_and_a_mend() {
        for (line, error) in [
            ("", "column 1: here a metric's name, or `error ratio` is missing"),
            (
                "a-b > 1",
                "column 1: \"a-b\" is no metric name: it has to be letters, digits, `_` and `:`, and no digit first (UTF-8 names of Prometheus 3 are not supported)",
            ),
            ("queue_depth", "column 12: here a comparison, as in `> 800ms`, is missing"),
            (
                "queue_depth avrage > 1",
                "column 13: \"avrage\" is nothing to look at; did you mean \"average\"?",
            ),
            ("queue_depth p950 > 1", "column 13: the percentile 950 is not between 0 and 100"),
            ("queue_depth => 1", "column 13: \"=>\" is no comparison: write >, >=, <, <= or ="),
            ("queue_depth > many", "column 15: \"many\" is no number"),
            ("queue_depth > 5 kib", "column 17: \"kib\" is no unit; did you mean \"KiB\"?"),
            ("queue_depth > 5kib", "column 16: \"kib\" is no unit; did you mean \"KiB\"?"),
            (
                "error ratio > 5ms",
                "column 16: \"ms\" is a time, and http_requests_errors_total has other values",
            ),
            (
                "http_request_duration p95 > 5%",
                "column 30: \"%\" is a share, and http_request_duration_seconds has other values",
            ),
            (
                "ä > 1",
                "column 1: \"ä\" is no metric name: it has to be letters, digits, `_` and `:`, and no digit first (UTF-8 names of Prometheus 3 are not supported)",
            ),
            (
                "queue_depth > 5 for ever",
                "column 21: \"ever\" is no duration: write numbers with units from large to small, as in 30s, 5m, 1h30m or 1d",
            ),
            ("queue_depth > 5 for 5m for 6m", "column 24: for is said twice"),
            ("queue_depth > 5 high low", "column 22: a severity is said twice"),
            ("queue_depth > 5 on", "column 19: here a route is missing"),
            ("queue_depth > 5 on /a,", "column 23: here a route is missing"),
            (
                "queue_depth > 5 on /a /b",
                "column 23: \"/b\" is no clause: write for, over, every, on, by or a severity",
            ),
            (
                "queue_depth > 5 by 1a",
                "column 20: \"1a\" is no label name: it has to be letters, digits and `_`, and no digit first (UTF-8 names of Prometheus 3 are not supported)",
            ),
        ] {
            assert_eq!(line.parse::<MetricRule>().unwrap_err().to_string(), error, "{line}");
        }
    }

    #[test]
    fn a_line_that_can_never_fire_is_refused() {
        let problems = "error ratio > 5".into_rules().unwrap_err().to_string();
        assert!(problems.contains("write 5% or 0.05"), "{problems}");
        let problems = "orders_total rate < 0".into_rules().unwrap_err().to_string();
        assert!(
            problems.starts_with("rule \"OrdersRateLow\": in \"orders_total rate < 0\": when: 1:1: "),
            "{problems}"
        );
    }
}
