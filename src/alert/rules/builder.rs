//! A rule in code, its condition in PromQL.

use std::time::Duration;

use crate::alert::rules::names::{check_label, check_template};
use crate::alert::rules::set::GROUP;
use crate::alert::rules::{
    AlertingRule, IntoRules, Origin, Rule, RuleGroup, RuleProblem, RuleProblems, check,
};
use crate::alert::{Alert, Annotations, Severity};
use crate::promql::{Query, ValueType};

impl Alert {
    /// A rule whose condition is PromQL, and means what it means in Prometheus.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_watch::alert::{Alert, Severity, rules::IntoRules};
    ///
    /// let rule = Alert::rule("HighErrorRate")
    ///     .when("sum(rate(http_requests_total{status=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m])) > 0.05")
    ///     .for_(Duration::from_secs(120))
    ///     .severity(Severity::Critical)
    ///     .annotate("summary", "{{ $value | humanizePercentage }} of requests fail");
    /// assert_eq!(rule.into_rules()?.len(), 1);
    /// # Ok::<(), tower_watch::alert::rules::RuleProblems>(())
    /// ```
    pub fn rule(name: impl Into<String>) -> RuleBuilder {
        RuleBuilder::new(name.into())
    }
}

/// An alerting rule that is being said. What is wrong with it is told when it is used
/// ([`into_rules`](IntoRules::into_rules)), together with what is wrong with others.
#[derive(Clone, Debug)]
#[must_use = "a rule does nothing until it is given to a watch"]
pub struct RuleBuilder {
    name: String,
    when: String,
    keep_while: Option<String>,
    is_exact: bool,
    for_: Duration,
    keep_firing_for: Duration,
    labels: Vec<(String, String)>,
    annotations: Annotations,
    notify: Vec<String>,
    every: Option<Duration>,
    is_enabled: bool,
    origin: Origin,
}

impl RuleBuilder {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            when: String::new(),
            keep_while: None,
            is_exact: false,
            for_: Duration::ZERO,
            keep_firing_for: Duration::ZERO,
            labels: Vec::new(),
            annotations: Annotations::new(),
            notify: Vec::new(),
            every: None,
            is_enabled: true,
            origin: Origin::Code,
        }
    }

    /// The condition: each of its results is an alert, with its labels.
    pub fn when(mut self, expr: impl Into<String>) -> Self {
        self.when = expr.into();
        self
    }

    /// What is enough to keep an alert that fires: a condition that is easier to meet than [`when`](Self::when), with the
    /// same labels, so that a value around the threshold does not fire and end again and again.
    pub fn keep_while(mut self, expr: impl Into<String>) -> Self {
        self.keep_while = Some(expr.into());
        self
    }

    /// How long the condition has to hold without a break before the alert fires. At once by default.
    pub fn for_(mut self, time: Duration) -> Self {
        self.for_ = time;
        self
    }

    /// How long the alert goes on firing after the condition held last. Not at all by default.
    pub fn keep_firing_for(mut self, time: Duration) -> Self {
        self.keep_firing_for = time;
        self
    }

    /// The label `severity`.
    pub fn severity(self, severity: impl Into<Severity>) -> Self {
        self.label("severity", severity.into().to_string())
    }

    /// Adds a label to its alerts, or replaces it; the value is a template.
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.labels.retain(|(other, _)| *other != name);
        self.labels.push((name, value.into()));
        self
    }

    /// Says something about its alerts (`summary`, `description`, `runbook_url`); the text is a template.
    pub fn annotate(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.annotations.insert(name.into(), text.into());
        self
    }

    /// Sends its alerts to this receiver, in place of where the routes would; may be said more than once.
    pub fn notify(mut self, receiver: impl Into<String>) -> Self {
        self.notify.push(receiver.into());
        self
    }

    /// From one evaluation to the next, in place of the engine's interval: a group of its own.
    pub fn every(mut self, interval: Duration) -> Self {
        self.every = Some(interval);
        self
    }

    /// Whether it is there at all. It is checked in any case.
    pub fn enabled(mut self, is_enabled: bool) -> Self {
        self.is_enabled = is_enabled;
        self
    }

    /// Rates and increases are counted ([`Query::exact`]).
    pub(super) fn exact(mut self) -> Self {
        self.is_exact = true;
        self
    }

    pub(super) fn rename(mut self, name: String) -> Self {
        self.name = name;
        self
    }

    pub(super) fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    pub(super) fn says(&self, annotation: &str) -> bool {
        self.annotations.contains_key(annotation)
    }

    fn query(&self, method: &str, text: &str, problems: &mut Vec<String>) -> Option<Query> {
        let query = match Query::parse(text) {
            Ok(query) => query,
            Err(error) => {
                problems
                    .push(format!("{method}({text:?}): {}:{}: {}", error.line, error.column, error.message));
                return None;
            }
        };
        let found = query.expr().value_type();
        if !matches!(found, ValueType::Scalar | ValueType::Vector) {
            problems.push(format!(
                "{method}({text:?}): this is a {found}, and a rule needs a vector or a scalar"
            ));
        }
        problems.extend(check::impossible(&query).into_iter().map(|message| format!("{method}: {message}")));
        Some(if self.is_exact { query.exact() } else { query })
    }

    fn build(self) -> Result<AlertingRule, Vec<String>> {
        let mut problems = Vec::new();
        if self.name.is_empty() {
            problems.push("the rule has no name".to_owned());
        }
        let when = if self.when.is_empty() {
            problems.push("the rule has no condition; say `.when(...)`".to_owned());
            None
        } else {
            self.query("when", &self.when, &mut problems)
        };
        let keep = self.keep_while.as_ref().and_then(|keep| self.query("keep_while", keep, &mut problems));
        let labels = self.labels.iter().map(|(name, text)| ("label", name, text));
        for (kind, name, text) in
            labels.chain(self.annotations.iter().map(|(name, text)| ("annotate", name, text)))
        {
            if let Err(message) = check_label(name) {
                problems.push(format!("{kind}: {message}"));
            }
            if let Err(error) = check_template(text) {
                problems
                    .push(format!("{kind}({name:?}): {}:{}: {}", error.line, error.column, error.message));
            }
        }
        if self.every.is_some_and(|every| every.is_zero()) {
            problems.push("every: the interval has to be longer than nothing".to_owned());
        }
        match when {
            Some(query) if problems.is_empty() => {
                let mut rule = AlertingRule::new(self.name, query);
                rule.keep_query = keep;
                rule.for_ = self.for_;
                rule.keep_firing_for = self.keep_firing_for;
                rule.labels = self.labels;
                rule.annotations = self.annotations;
                rule.notify = self.notify;
                rule.origin = self.origin;
                Ok(rule)
            }
            _ => Err(problems),
        }
    }
}

impl IntoRules for RuleBuilder {
    fn into_rules(self) -> Result<Vec<RuleGroup>, RuleProblems> {
        let (name, every, is_enabled) = (self.name.clone(), self.every, self.is_enabled);
        let rule = self.build().map_err(|messages| {
            let problem = |message| RuleProblem { rule: name.clone(), message, ..RuleProblem::default() };
            RuleProblems(messages.into_iter().map(problem).collect())
        })?;
        let mut group =
            RuleGroup::new(if every.is_some() { format!("{GROUP}: {name}") } else { GROUP.into() });
        group.interval = every;
        group.rules.push(Rule::Alerting(rule));
        Ok(if is_enabled { vec![group] } else { Vec::new() })
    }
}
