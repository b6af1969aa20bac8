//! All groups.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tower_watch_layers::clock::Instant;

use crate::alert::evaluation::alerting::Out;
use crate::alert::evaluation::board::Board;
use crate::alert::evaluation::group::Group;
use crate::alert::evaluation::identity::{Keys, RuleKey};
use crate::alert::evaluation::memory::{Memory, forget_all};
use crate::alert::evaluation::published::end;
use crate::alert::evaluation::rule::{Evaluated, Machine};
use crate::alert::evaluation::settings::{EvaluationSettings, millis};
use crate::alert::rules::RuleGroup;
use crate::alert::state::{Disk, Writes};
use crate::alert::{Alert, Fingerprint};
use crate::promql::Evaluator;
use crate::series::{Labels, Store};

/// How much further than the monotonic clock time may have gone, in milliseconds, before it counts as a jump.
const JUMP: i64 = 10_000;

/// All groups of rules, and the state of their alerts.
#[derive(Debug)]
pub(crate) struct Evaluation {
    settings: EvaluationSettings,
    groups: Vec<Group>,
    board: Board,
    /// What is to be told though nothing is due: what the disk remembers.
    news: Vec<Arc<Alert>>,
    /// What the disk remembers of rules that are gone, to be forgotten with the news of its end.
    orphans: Vec<String>,
    /// Series of rules that are gone.
    ending: Vec<Labels>,
    /// The last time that was seen, and what the monotonic clock showed then.
    seen: Option<(i64, Instant)>,
}

impl Evaluation {
    /// These groups, with the state that the disk remembers of them. What it remembers to fire is
    /// told by the first [`run`](Self::run), which is due at once then.
    pub(crate) fn new(groups: Vec<RuleGroup>, settings: EvaluationSettings, disk: &Disk, now: i64) -> Self {
        Self::with_memory(groups, settings, Memory::load(disk), now)
    }

    pub(crate) fn with_memory(
        groups: Vec<RuleGroup>,
        settings: EvaluationSettings,
        mut memory: Memory,
        now: i64,
    ) -> Self {
        let mut keys = Keys::default();
        let mut news = Vec::new();
        let groups = groups.into_iter().map(|definition| {
            let mut group = Group::new(definition, &settings, &mut keys, now);
            news.extend(group.restore(&mut memory, &settings, now));
            group
        });
        let groups: Vec<Group> = groups.collect();
        let (over, orphans) = memory.end(&settings.external_labels, now);
        news.extend(over);
        let evaluation =
            Self { settings, groups, board: Board::default(), news, orphans, ending: Vec::new(), seen: None };
        evaluation.show();
        evaluation
    }

    /// What the disk remembers to fire, before the first [`run`](Self::run) tells it again or says that it is over.
    pub(crate) fn told_before(&self) -> impl Iterator<Item = Fingerprint> {
        self.news.iter().map(|alert| alert.fingerprint())
    }

    /// When the next group is due (milliseconds since the Unix epoch).
    pub(crate) fn next_due(&self) -> Option<i64> {
        let at_once = (!self.news.is_empty()).then_some(i64::MIN);
        at_once.or_else(|| self.groups.iter().map(|group| group.schedule.next()).min())
    }

    /// Evaluates what is due, appends what it finds to the store, and returns the alerts of which there is news: those that
    /// fire now, those that are over, and once a minute those that go on, with their value and texts of that time.
    ///
    /// Needs the stack of a query: 8 MiB.
    pub(crate) fn run(&mut self, now: i64, store: &Store, writes: &mut Writes) -> Vec<Arc<Alert>> {
        self.look_at_the_clock(now);
        let mut news = std::mem::take(&mut self.news);
        let evaluator =
            Evaluator::new(store).with_limits(self.settings.limits).with_clock(self.settings.clock.clone());
        let mut is_changed = false;
        let mut out = Out { news: &mut news, writes };
        for group in &mut self.groups {
            if let Some(turn) = group.schedule.take(now) {
                group.evaluate(turn, &self.settings, store, &evaluator, &mut out);
                is_changed = true;
            }
        }
        self.end_series(store, now);
        forget_all(std::mem::take(&mut self.orphans), writes);
        if is_changed {
            self.show();
        }
        news
    }

    /// Ends the series of rules that are gone, once all others have had a turn: one of them may go on with a series, and it
    /// must not be missing in between.
    fn end_series(&mut self, store: &Store, now: i64) {
        let rules = self.groups.iter().flat_map(|group| &group.rules);
        if self.ending.is_empty() || !rules.clone().all(Evaluated::has_had_a_turn) {
            return;
        }
        let ending = std::mem::take(&mut self.ending);
        let written: HashSet<&Labels> = rules.flat_map(|rule| rule.published.series()).collect();
        end(store, ending.iter().filter(|labels| !written.contains(labels)), now);
    }

    /// Time that has jumped is not time that has passed.
    fn look_at_the_clock(&mut self, now: i64) {
        let instant = self.settings.clock.now();
        let Some((before, then)) = self.seen.replace((now, instant)) else { return };
        let jump = now - before - millis(instant.since(then));
        if jump > JUMP {
            tracing::warn!(
                milliseconds = jump,
                "the clock has jumped; what is pending or fires goes on as if the time in between had not been"
            );
            for group in &mut self.groups {
                group.jump(now);
            }
        }
    }

    /// Goes on with other groups. Rules that are the same keep their state; the alerts of those that are gone are over, and
    /// returned.
    pub(crate) fn reload(
        &mut self,
        groups: Vec<RuleGroup>,
        now: i64,
        writes: &mut Writes,
    ) -> Vec<Arc<Alert>> {
        let mut keys = Keys::default();
        let mut before: HashMap<RuleKey, Evaluated> = HashMap::new();
        let mut groups_before = HashMap::new();
        for mut group in std::mem::take(&mut self.groups) {
            let rules = std::mem::take(&mut group.rules);
            before.extend(rules.into_iter().map(|rule| (Arc::clone(&rule.key), rule)));
            groups_before.insert(Arc::clone(group.key()), group);
        }
        let groups = groups.into_iter().map(|definition| {
            let mut group = Group::new(definition, &self.settings, &mut keys, now);
            if let Some(before) = groups_before.get(group.key()) {
                group.keep_times(before);
            }
            group.continue_from(&mut before);
            group.show();
            group
        });
        self.groups = groups.collect();
        let mut news = Vec::new();
        let mut out = Out { news: &mut news, writes };
        for rule in before.into_values() {
            self.ending.extend(rule.published.into_series());
            if let Machine::Alerting(alerting) = rule.machine {
                alerting.end(&self.settings.external_labels, now, &mut out);
            }
        }
        self.show();
        news
    }

    /// How all rules do, to be read at any time.
    pub(crate) fn board(&self) -> Board {
        self.board.clone()
    }

    fn show(&self) {
        self.board.set(self.groups.iter().map(Group::status).collect());
    }
}
