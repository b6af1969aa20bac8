//! Groups, a store and a fake clock; and a disk that outlives the evaluation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tower_watch_layers::clock::{Clock, FakeClock};

use crate::alert::evaluation::board::{RuleHealth, RuleKind};
use crate::alert::evaluation::memory::Memory;
use crate::alert::evaluation::{Evaluation, EvaluationSettings};
use crate::alert::rules::{AlertingRule, RecordingRule, Rule, RuleGroup};
use crate::alert::state::{Table, Writes};
use crate::alert::{Alert, Status};
use crate::promql::{Evaluator, Limits, Query, Value};
use crate::registers::Registers;
use crate::series::{Labels, STALE, Store};

/// Where the fake clock begins.
pub(super) const START: i64 = 1_767_225_600_000;

/// Everything that an evaluation has to do with.
pub(super) struct Harness {
    pub(super) evaluation: Evaluation,
    pub(super) store: Store,
    pub(super) registers: Registers,
    pub(super) disk: BTreeMap<String, Vec<u8>>,
    settings: EvaluationSettings,
    hand: FakeClock,
    /// The present.
    pub(super) now: i64,
}

impl Harness {
    pub(super) fn new(groups: Vec<RuleGroup>) -> Self {
        let (clock, hand) = Clock::fake();
        let registers = Registers::new();
        let settings = EvaluationSettings {
            interval: Duration::from_secs(60),
            external_labels: vec![("service".into(), "shop".into())],
            external_url: "http://shop:9901".into(),
            limits: Limits::default(),
            clock,
            registers: registers.downgrade(),
        };
        let evaluation = Evaluation::with_memory(groups, settings.clone(), Memory::default(), START);
        Self { evaluation, store: Store::new(), registers, disk: BTreeMap::new(), settings, hand, now: START }
    }

    /// Goes on to when the next group is due, and lets it be evaluated after these samples have come.
    pub(super) fn step(&mut self, samples: &[(&str, f64)]) -> Vec<Arc<Alert>> {
        let due = self.evaluation.next_due().unwrap().max(self.now);
        self.pass(due - self.now);
        self.set(samples);
        self.run()
    }

    /// Time passes.
    pub(super) fn pass(&mut self, millis: i64) {
        self.hand.advance(Duration::from_millis(millis.try_into().unwrap()));
        self.now += millis;
    }

    /// The wall clock is set forward.
    pub(super) fn jump(&mut self, millis: i64) {
        self.hand.jump_wall(millis);
        self.now += millis;
    }

    /// These series have these values now.
    pub(super) fn set(&mut self, samples: &[(&str, f64)]) {
        for (series, value) in samples {
            self.store.append(&labels(series), self.now, *value).unwrap();
        }
    }

    /// These series end.
    pub(super) fn end(&mut self, series: &[&str]) {
        let ends: Vec<_> = series.iter().map(|one| (*one, STALE)).collect();
        self.set(&ends);
    }

    pub(super) fn run(&mut self) -> Vec<Arc<Alert>> {
        let mut writes = Writes::new();
        let news = self.evaluation.run(self.now, &self.store, &mut writes);
        self.commit(writes);
        news
    }

    pub(super) fn reload(&mut self, groups: Vec<RuleGroup>) -> Vec<Arc<Alert>> {
        let mut writes = Writes::new();
        let news = self.evaluation.reload(groups, self.now, &mut writes);
        self.commit(writes);
        news
    }

    fn commit(&mut self, writes: Writes) {
        for write in writes.0 {
            assert_eq!(write.table, Table::Instances);
            match write.record {
                Some(record) => self.disk.insert(write.key, record),
                None => self.disk.remove(&write.key),
            };
        }
    }

    /// The process dies, and another starts after this time, with an empty store.
    pub(super) fn restart(&mut self, groups: Vec<RuleGroup>, after: i64) {
        self.pass(after);
        let records = self.disk.iter();
        let records = records.map(|(key, record)| (key.clone(), serde_json::from_slice(record).unwrap()));
        let memory = Memory::new(records.collect());
        self.store = Store::new();
        self.evaluation = Evaluation::with_memory(groups, self.settings.clone(), memory, self.now);
    }

    /// What is pending or fires: its labels but the name, its state, and how long it has been active in seconds.
    pub(super) fn active(&self) -> Vec<(String, &'static str, i64)> {
        let mut active = Vec::new();
        for group in self.evaluation.board().groups().iter() {
            for rule in &group.rules {
                if let RuleKind::Alerting(_, alerts) = &rule.kind {
                    let at = rule.last_evaluation.unwrap_or(self.now);
                    active.extend(alerts.iter().map(|alert| {
                        let labels = alert.labels.filter(|name| name != "alertname");
                        (labels.to_string(), alert.state.as_str(), (at - alert.active_at) / 1_000)
                    }));
                }
            }
        }
        active.sort();
        active
    }

    /// How the last evaluation of each rule went.
    pub(super) fn health(&self) -> Vec<RuleHealth> {
        let groups = self.evaluation.board().groups();
        groups.iter().flat_map(|group| &group.rules).map(|rule| rule.health.clone()).collect()
    }

    /// What a query finds now: series and value.
    pub(super) fn query(&self, text: &str) -> Vec<(String, f64)> {
        let output = Evaluator::new(&self.store).instant(&Query::parse(text).unwrap(), self.now).unwrap();
        let Value::Vector(samples) = output.value else { panic!("{text} is no vector") };
        let mut found: Vec<_> =
            samples.into_iter().map(|sample| (sample.labels.to_string(), sample.point.value)).collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }
}

/// The labels of a series as it is written.
pub(super) fn labels(series: &str) -> Labels {
    let query = Query::parse(series).unwrap();
    let crate::promql::Expr::Selector(selector) = query.expr() else { panic!("{series} is no series") };
    Labels::new(
        selector.matchers.iter().map(|matcher| (matcher.name().to_owned(), matcher.value().to_owned())),
    )
}

pub(super) fn alert(name: &str, query: &str) -> AlertingRule {
    AlertingRule::new(name, Query::parse(query).unwrap())
}

pub(super) fn record(name: &str, query: &str) -> Rule {
    Rule::Recording(RecordingRule::new(name, Query::parse(query).unwrap()))
}

/// A group of these rules.
pub(super) fn group(name: &str, rules: impl IntoIterator<Item = Rule>) -> RuleGroup {
    let mut group = RuleGroup::new(name);
    group.rules.extend(rules);
    group
}

/// A group of this one rule.
pub(super) fn one(rule: AlertingRule) -> Vec<RuleGroup> {
    vec![group("group", [Rule::Alerting(rule)])]
}

pub(super) fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// News as status and labels, in their order.
pub(super) fn said(news: &[Arc<Alert>], now: i64) -> Vec<(Status, String)> {
    news.iter().map(|alert| (alert.status_at(now), alert.labels.to_string())).collect()
}
