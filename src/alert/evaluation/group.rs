//! Rules that are evaluated together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::alert::Alert;
use crate::alert::evaluation::alerting::Out;
use crate::alert::evaluation::board::GroupStatus;
use crate::alert::evaluation::identity::{Keys, RuleKey};
use crate::alert::evaluation::memory::{Memory, evaluated};
use crate::alert::evaluation::meters::Meters;
use crate::alert::evaluation::round::Round;
use crate::alert::evaluation::rule::{Evaluated, Machine};
use crate::alert::evaluation::schedule::{Schedule, Turn};
use crate::alert::evaluation::settings::{EvaluationSettings, millis};
use crate::alert::rules::RuleGroup;
use crate::promql::Evaluator;
use crate::series::Store;

/// A group, its rules, and when it is due.
#[derive(Debug)]
pub(crate) struct Group {
    definition: RuleGroup,
    key: Arc<str>,
    pub(crate) schedule: Schedule,
    pub(crate) rules: Vec<Evaluated>,
    meters: Meters,
    took: Duration,
    at: Option<i64>,
    status: Arc<GroupStatus>,
}

impl Group {
    pub(crate) fn new(
        definition: RuleGroup,
        settings: &EvaluationSettings,
        keys: &mut Keys,
        now: i64,
    ) -> Self {
        let interval = definition.interval.unwrap_or(settings.interval);
        let schedule = Schedule::new(&definition.name, definition.file.as_deref(), millis(interval), now);
        let rule = |rule| {
            let key = keys.next(&definition.name, rule);
            Evaluated::new(key, rule, &definition, &settings.external_url)
        };
        let rules: Vec<Evaluated> = definition.rules.iter().map(rule).collect();
        let status = GroupStatus {
            name: definition.name.clone(),
            file: definition.file.clone(),
            interval,
            limit: definition.limit,
            evaluation_time: Duration::ZERO,
            last_evaluation: None,
            rules: rules.iter().map(Evaluated::status).collect(),
        };
        Self {
            key: keys.next_group(&definition.name),
            meters: Meters::new(settings.registers.upgrade().as_ref(), &definition.name),
            schedule,
            rules,
            took: Duration::ZERO,
            at: None,
            status: Arc::new(status),
            definition,
        }
    }

    /// Takes up what the disk remembers; what there is to tell of it.
    pub(crate) fn restore(
        &mut self,
        memory: &mut Memory,
        settings: &EvaluationSettings,
        now: i64,
    ) -> Vec<Arc<Alert>> {
        let evaluated = memory.evaluated.remove(&*self.key);
        let mut news = Vec::new();
        for rule in &mut self.rules {
            if let Machine::Alerting(alerting) = &mut rule.machine
                && let Some(records) = memory.instances.remove(&*rule.key)
            {
                news.extend(alerting.restore(records, evaluated, &settings.external_labels, now));
            }
        }
        self.show();
        news
    }

    /// Goes on with those of its rules that were there before a reload.
    pub(crate) fn continue_from(&mut self, before: &mut HashMap<RuleKey, Evaluated>) {
        for rule in &mut self.rules {
            if let Some(before) = before.remove(&rule.key) {
                rule.continue_from(before);
            }
        }
    }

    /// Goes on at the times of the same group before a reload.
    pub(crate) fn keep_times(&mut self, before: &Self) {
        if before.schedule.interval() == self.schedule.interval()
            && before.definition.file == self.definition.file
        {
            self.schedule = before.schedule;
        }
        (self.took, self.at) = (before.took, before.at);
    }

    pub(crate) fn key(&self) -> &Arc<str> {
        &self.key
    }

    /// The clock has jumped.
    pub(crate) fn jump(&mut self, now: i64) {
        self.schedule.resume(now);
        for rule in &mut self.rules {
            if let Machine::Alerting(alerting) = &mut rule.machine {
                alerting.jump();
            }
        }
    }

    /// One evaluation of all rules.
    pub(crate) fn evaluate(
        &mut self,
        turn: Turn,
        settings: &EvaluationSettings,
        store: &Store,
        evaluator: &Evaluator<'_>,
        out: &mut Out<'_>,
    ) {
        let began = settings.clock.now();
        let round = Round {
            settings,
            store,
            evaluator,
            time: turn.time,
            at: turn.time - millis(self.definition.query_offset),
            interval: self.schedule.interval(),
            limit: self.definition.limit,
        };
        let mut failed = 0;
        for rule in &mut self.rules {
            failed += usize::from(!rule.evaluate(&round, out));
        }
        if self.is_counting() {
            evaluated(&self.key, turn.time, out.writes);
        }
        self.took = settings.clock.now().since(began);
        self.at = Some(turn.time);
        self.meters.evaluated(self.rules.len(), failed, self.took, turn.missed);
        self.show();
    }

    fn is_counting(&self) -> bool {
        self.rules.iter().any(|rule| match &rule.machine {
            Machine::Alerting(alerting) => alerting.is_counting(),
            Machine::Recording(_) => false,
        })
    }

    /// Renews what is shown of it.
    pub(crate) fn show(&mut self) {
        self.status = Arc::new(GroupStatus {
            evaluation_time: self.took,
            last_evaluation: self.at,
            rules: self.rules.iter().map(Evaluated::status).collect(),
            name: self.definition.name.clone(),
            file: self.definition.file.clone(),
            ..*self.status
        });
    }

    pub(crate) fn status(&self) -> Arc<GroupStatus> {
        Arc::clone(&self.status)
    }
}
