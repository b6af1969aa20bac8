//! A rule whose results are alerts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::alert::Alert;
use crate::alert::evaluation::board::AlertStatus;
use crate::alert::evaluation::identity::RuleKey;
use crate::alert::evaluation::instance::{AlertState, Instance};
use crate::alert::evaluation::memory::{InstanceRecord, Telling, forget, remember};
use crate::alert::evaluation::presence::{Presence, value_of};
use crate::alert::evaluation::round::Round;
use crate::alert::evaluation::settings::millis;
use crate::alert::evaluation::text::Texts;
use crate::alert::rules::AlertingRule;
use crate::alert::state::Writes;
use crate::promql::{InstantSample, Query};
use crate::series::Labels;

/// How often it is said again that an alert fires, with its value and texts of that time: Prometheus' resend delay. Who
/// had no room for it before may have now.
const RESEND: i64 = 60 * 1_000;

/// How long what fires is held after a restart though nothing is known of it: until rates have values again.
const GRACE: i64 = 5 * 60 * 1_000;

/// The rule, and its alerts by who they are.
#[derive(Debug)]
pub(crate) struct Alerting {
    key: RuleKey,
    rule: Arc<AlertingRule>,
    texts: Texts,
    generator_url: String,
    value: Option<Query>,
    presence: Presence,
    active: IndexMap<Labels, Instance>,
    /// When it was evaluated last; before a restart, that.
    evaluated: Option<i64>,
    /// Nothing was seen from `evaluated` until now.
    was_down: bool,
    /// Until when what has not been seen since then is held.
    held_until: Option<i64>,
}

/// What goes out of an evaluation beside samples.
#[derive(Debug)]
pub(crate) struct Out<'a> {
    pub(crate) news: &'a mut Vec<Arc<Alert>>,
    pub(crate) writes: &'a mut Writes,
}

/// A result, as the alert that it would be.
struct Found {
    result: Labels,
    sample: InstantSample,
}

/// What became of the alerts that have no result.
struct Missing {
    /// What the end of each is worth.
    values: HashMap<Labels, f64>,
    /// Those whose data are there, of all that are in question; `None` where none is.
    present: Option<HashSet<Labels>>,
}

impl Alerting {
    pub(crate) fn new(key: RuleKey, rule: Arc<AlertingRule>, external_url: &str) -> Self {
        Self {
            key,
            texts: Texts::new(&rule),
            generator_url: generator_url(external_url, &rule.query),
            value: value_of(rule.keep_query.as_ref().unwrap_or(&rule.query)),
            presence: Presence::of(&rule.query),
            active: IndexMap::new(),
            evaluated: None,
            was_down: false,
            held_until: None,
            rule,
        }
    }

    pub(crate) fn rule(&self) -> &Arc<AlertingRule> {
        &self.rule
    }

    /// Takes over the alerts of the same rule before a reload.
    pub(crate) fn continue_from(&mut self, before: Self) {
        self.active = before.active;
        self.evaluated = before.evaluated;
        self.was_down = before.was_down;
        self.held_until = before.held_until;
        // Another text, another receiver: that is told at the next evaluation.
        for told in self.active.values_mut().filter_map(|instance| instance.told.as_mut()) {
            *told = i64::MIN;
        }
    }

    /// Takes up what the disk remembers, and tells it again: who routes alerts has forgotten them.
    pub(crate) fn restore(
        &mut self,
        records: Vec<InstanceRecord>,
        evaluated: Option<i64>,
        external_labels: &[(String, String)],
        now: i64,
    ) -> Vec<Arc<Alert>> {
        (self.evaluated, self.was_down) = (evaluated, true);
        let telling = Telling::new(&self.rule, &self.generator_url, external_labels);
        let mut told = Vec::new();
        for record in records {
            let mut instance = record.instance();
            instance.began_by(now);
            if instance.state == AlertState::Firing {
                told.push(Arc::new(telling.alert(&instance, now)));
                instance.told = Some(now);
            }
            self.active.insert(instance.labels.clone(), instance);
        }
        told
    }

    /// Says that the clock has jumped: nothing is known of the time in between.
    pub(crate) fn jump(&mut self) {
        self.was_down = true;
        for instance in self.active.values_mut() {
            instance.is_unseen = true;
        }
    }

    /// Whether a length of time matters to any of its alerts.
    pub(crate) fn is_counting(&self) -> bool {
        self.active.values().any(|one| one.state == AlertState::Pending || one.keep_firing_since.is_some())
    }

    /// One evaluation: the samples of `ALERTS` and `ALERTS_FOR_STATE`.
    ///
    /// # Errors
    ///
    /// Why there is none. The alerts are as they were, but where there are more than the limit: then all are over.
    pub(crate) fn evaluate(
        &mut self,
        round: &Round<'_>,
        out: &mut Out<'_>,
    ) -> Result<Vec<(Labels, f64)>, String> {
        let found = self.found(round)?;
        let kept = self.kept(round, &found)?;
        self.note_downtime(round);
        let missing = self.missing(round, &found, &kept);
        for (labels, found) in found {
            self.see(labels, found, round);
        }
        self.advance(round, &kept, &missing);
        self.evaluated = Some(round.time);
        let active = self.active.values().filter(|instance| instance.is_active()).count();
        let is_over_limit = round.limit > 0 && active > round.limit;
        if is_over_limit {
            self.give_up(round.time);
        }
        self.tell(round, out);
        if is_over_limit {
            return Err(format!("exceeded limit of {} with {active} alerts", round.limit));
        }
        Ok(self.active.values_mut().flat_map(Instance::samples).collect())
    }

    /// The results, by who their alerts are.
    fn found(&self, round: &Round<'_>) -> Result<IndexMap<Labels, Found>, String> {
        let samples = round.ask(&self.rule.query, round.at)?;
        let mut found = IndexMap::with_capacity(samples.len());
        for sample in samples {
            let labels = self.texts.labels(&sample, round);
            let result = sample.labels.without_name();
            if found.insert(labels, Found { result, sample }).is_some() {
                return Err(
                    "vector contains metrics with the same labelset after applying alert labels".into()
                );
            }
        }
        Ok(found)
    }

    /// What is enough to keep the alerts that fire and are not found, by the labels of the result.
    fn kept(
        &self,
        round: &Round<'_>,
        found: &IndexMap<Labels, Found>,
    ) -> Result<HashMap<Labels, InstantSample>, String> {
        let Some(query) = &self.rule.keep_query else { return Ok(HashMap::new()) };
        let is_asked = |(labels, instance): (&Labels, &Instance)| {
            instance.state == AlertState::Firing && !found.contains_key(labels)
        };
        if !self.active.iter().any(is_asked) {
            return Ok(HashMap::new());
        }
        let samples = round.ask(query, round.at)?;
        Ok(samples.into_iter().map(|sample| (sample.labels.without_name(), sample)).collect())
    }

    /// Takes the time in which nothing was seen out of what counts.
    fn note_downtime(&mut self, round: &Round<'_>) {
        if !std::mem::take(&mut self.was_down) {
            return;
        }
        self.held_until = Some(round.time.saturating_add(GRACE.max(2 * round.interval)));
        for instance in self.active.values_mut() {
            let seen = self.evaluated.unwrap_or(instance.active_at);
            // Back, where the wall clock was ahead before the restart: else nothing would fire until then.
            instance.shift(round.time.saturating_sub(seen));
        }
        self.evaluated = Some(round.time);
    }

    /// What is known of the alerts that are not found. A question that fails is one without an answer.
    fn missing(
        &self,
        round: &Round<'_>,
        found: &IndexMap<Labels, Found>,
        kept: &HashMap<Labels, InstantSample>,
    ) -> Missing {
        let missing = || {
            let active = self.active.iter();
            active.filter(|(labels, one)| !found.contains_key(*labels) && !kept.contains_key(&one.result))
        };
        let is_held = self.held_until.is_some_and(|until| round.time < until);
        let present = match &self.presence {
            Presence::Where(query) if is_held && missing().any(|(_, instance)| instance.is_unseen) => {
                let samples = round.ask(query, round.at).unwrap_or_default();
                Some(samples.into_iter().map(|sample| sample.labels.without_name()).collect())
            }
            _ => None,
        };
        let values = match &self.value {
            Some(query) if missing().any(|(_, instance)| instance.state == AlertState::Firing) => {
                let samples = round.ask(query, round.at).unwrap_or_default().into_iter();
                samples.map(|sample| (sample.labels.without_name(), sample.point.value)).collect()
            }
            _ => HashMap::new(),
        };
        Missing { values, present }
    }

    /// An alert that has a result.
    fn see(&mut self, labels: Labels, found: Found, round: &Round<'_>) {
        let annotations = self.texts.annotations(&found.sample, round);
        let value = found.sample.point.value;
        match self.active.get_mut(&labels) {
            Some(instance) => {
                instance.value = value;
                instance.annotations = annotations;
                instance.result = found.result;
                instance.keep_firing_since = None;
                instance.is_unseen = false;
                instance.seen_at = round.time;
            }
            None => {
                let mut instance =
                    Instance::new(labels.clone(), found.result, annotations, value, round.time);
                instance.seen_at = round.time;
                self.active.insert(labels, instance);
            }
        }
    }

    /// From one state to the next.
    fn advance(&mut self, round: &Round<'_>, kept: &HashMap<Labels, InstantSample>, missing: &Missing) {
        let now = round.time;
        let (hold, keep) = (millis(self.rule.for_), millis(self.rule.keep_firing_for));
        let since_last = self.evaluated.map_or(0, |last| (now - last).max(0));
        for instance in self.active.values_mut() {
            if instance.seen_at == now {
                if instance.state == AlertState::Pending && now - instance.active_at >= hold {
                    instance.fire(now);
                }
                continue;
            }
            if instance.state == AlertState::Firing
                && let Some(sample) = kept.get(&instance.result)
            {
                instance.value = sample.point.value;
                instance.annotations = self.texts.annotations(sample, round);
                instance.keep_firing_since = None;
                instance.is_unseen = false;
                continue;
            }
            let is_unknown =
                missing.present.as_ref().is_some_and(|present| !present.contains(&instance.result));
            if instance.is_unseen && is_unknown {
                instance.shift(since_last);
                continue;
            }
            if let Some(value) = missing.values.get(&instance.result) {
                instance.value = *value;
            }
            if instance.state == AlertState::Firing && keep > 0 {
                let since = *instance.keep_firing_since.get_or_insert(now);
                if now - since < keep {
                    continue;
                }
            }
            instance.resolve(now);
        }
    }

    /// More than the limit: all are over.
    fn give_up(&mut self, now: i64) {
        for instance in self.active.values_mut() {
            instance.resolve(now);
        }
    }

    /// Passes on what there is of news, writes down what is to be remembered, and forgets what is over.
    fn tell(&mut self, round: &Round<'_>, out: &mut Out<'_>) {
        let now = round.time;
        let telling = Telling::new(&self.rule, &self.generator_url, &round.settings.external_labels);
        let key = &self.key;
        self.active.retain(|labels, instance| {
            if instance.is_news(now, RESEND) {
                out.news.push(Arc::new(telling.alert(instance, now)));
                instance.told = Some(now);
            }
            if instance.is_active() {
                remember(key, instance, &telling, out.writes);
            } else if instance.known.is_some() {
                forget(key, labels, out.writes);
            }
            instance.is_active()
        });
    }

    /// Ends what fires, since the rule is gone.
    pub(crate) fn end(mut self, external_labels: &[(String, String)], now: i64, out: &mut Out<'_>) {
        self.give_up(now);
        let telling = Telling::new(&self.rule, &self.generator_url, external_labels);
        for (labels, instance) in &self.active {
            if instance.is_news(now, RESEND) {
                out.news.push(Arc::new(telling.alert(instance, now)));
            }
            if instance.known.is_some() {
                forget(&self.key, labels, out.writes);
            }
        }
    }

    /// What is pending or fires.
    pub(crate) fn status(&self) -> Vec<AlertStatus> {
        self.active.values().map(AlertStatus::of).collect()
    }
}

/// Where Prometheus' own page would show the expression; nothing where it is not known where this process is found.
fn generator_url(external_url: &str, query: &Query) -> String {
    if external_url.is_empty() {
        return String::new();
    }
    let mut url = format!("{}/graph?g0.expr=", external_url.trim_end_matches('/'));
    for byte in query.to_string().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => url.push(char::from(byte)),
            b' ' => url.push('+'),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url.push_str("&g0.tab=1");
    url
}
