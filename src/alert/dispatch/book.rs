//! The alerts that are there, and those that were until a while ago.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::dispatch::history::History;
use crate::alert::state::{Disk, Table, Writes};
use crate::alert::{Alert, Fingerprint, Severity, Source, Status};

/// How long an alert that is over is shown.
const SHOWN: i64 = 15 * 60 * 1_000;

/// How long after its end an alert stays that somebody holds.
const LONGEST: i64 = 31 * 24 * 60 * 60 * 1_000;

/// How many alerts there can be at once, unless it is said otherwise.
const MOST: usize = 10_000;

/// What became of an alert that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// It was not there.
    Fired,
    /// It was there, and is over.
    Resolved,
    /// Nothing is new but perhaps what is said of it.
    Known,
    /// There are too many.
    Dropped,
}

/// An alert came or went, in the order in which that became known.
#[derive(Clone, Debug)]
pub(crate) struct News {
    pub(crate) fingerprint: Fingerprint,
    /// As it was then.
    pub(crate) alert: Arc<Alert>,
    pub(crate) status: Status,
}

#[derive(Debug)]
struct Entry {
    alert: Arc<Alert>,
    /// Whether its end is only when we give it up, since whoever sent it named none.
    timeout: bool,
    /// Its status as it was last said in the news.
    status: Status,
    /// Whether the disk has it.
    kept: bool,
}

/// As it is on disk.
#[derive(Serialize, Deserialize)]
struct Record<A> {
    alert: A,
    #[serde(default)]
    timeout: bool,
}

/// All alerts by who they are. Bounded: beyond [`Book::with_most`] a new alert is dropped, counted, and that is logged once.
#[derive(Debug)]
pub(crate) struct Book {
    entries: HashMap<Fingerprint, Entry>,
    /// Ends that are named in advance.
    ends: BTreeSet<(i64, Fingerprint)>,
    /// Those that are over, by when.
    over: BTreeSet<(i64, Fingerprint)>,
    news: Vec<News>,
    history: History,
    firing: usize,
    most: usize,
    dropped: u64,
    full: bool,
    resolve_timeout: i64,
}

impl Default for Book {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            ends: BTreeSet::new(),
            over: BTreeSet::new(),
            news: Vec::new(),
            history: History::default(),
            firing: 0,
            most: MOST,
            dropped: 0,
            full: false,
            resolve_timeout: 5 * 60 * 1_000,
        }
    }
}

impl Book {
    /// What the disk remembers: alerts that code raised or the API brought, and any that were over and not yet told to be.
    /// Those of rules that fire come back from their evaluation.
    pub(crate) fn restore(disk: &Disk, now: i64) -> Self {
        let mut book = Self::default();
        for (_, record) in disk.load::<Record<Alert>>(Table::Alerts) {
            let Record { alert, timeout } = record;
            let alert = Arc::new(alert);
            let fingerprint = alert.fingerprint();
            let status = alert.status_at(now);
            book.news.push(News { fingerprint, alert: Arc::clone(&alert), status });
            book.insert(fingerprint, Entry { alert, timeout, status, kept: true });
        }
        book
    }

    /// At most so many at once; 10,000 where nothing is said.
    pub(crate) fn with_most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// After how long without news an alert from the API that names no end is over; 5 minutes where nothing is said.
    pub(crate) fn set_resolve_timeout(&mut self, timeout: Duration) {
        self.resolve_timeout = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX);
    }

    /// Writes down an alert that fires or is over. One that is there already goes on: of two whose times overlap the
    /// earlier start counts, and of their ends the one that was named last.
    pub(crate) fn apply(&mut self, mut alert: Arc<Alert>, now: i64, writes: &mut Writes) -> Applied {
        let timeout = alert.source == Source::Api && alert.ends_at.is_none();
        if timeout {
            Arc::make_mut(&mut alert).ends_at = Some(now.saturating_add(self.resolve_timeout));
        }
        let fingerprint = alert.fingerprint();
        let Some(before) = self.entries.get(&fingerprint) else {
            return self.add(fingerprint, alert, timeout, now, writes);
        };
        let (alert, timeout) = merged((&before.alert, before.timeout), (alert, timeout), now);
        let (was, status) = (before.status, alert.status_at(now));
        let was_kept = before.kept;
        let same_end = alert.ends_at == before.alert.ends_at;
        let changed = !same_end
            || alert.starts_at != before.alert.starts_at
            || alert.annotations != before.alert.annotations;
        if was == Status::Resolved && status == Status::Firing && !self.has_room() {
            return Applied::Dropped;
        }
        // One of a rule is on disk only between its end and when that has been told.
        let kept = match status {
            Status::Firing => alert.source != Source::Rule,
            Status::Resolved => was != status || was_kept,
        };
        if kept && (changed || !was_kept) {
            write(fingerprint, &alert, timeout, writes);
        } else if was_kept && !kept {
            writes.delete(Table::Alerts, fingerprint.to_string());
        }
        if was == status && same_end {
            // Nearly always, and for every alert at every evaluation.
            self.entries.insert(fingerprint, Entry { alert, timeout, status, kept });
            return Applied::Known;
        }
        self.remove(fingerprint);
        let applied = match (was, status) {
            (Status::Firing, Status::Resolved) => Applied::Resolved,
            (Status::Resolved, Status::Firing) => Applied::Fired,
            _ => Applied::Known,
        };
        if applied != Applied::Known {
            self.tell(fingerprint, &alert, status);
        }
        self.insert(fingerprint, Entry { alert, timeout, status, kept });
        applied
    }

    fn add(
        &mut self,
        fingerprint: Fingerprint,
        alert: Arc<Alert>,
        timeout: bool,
        now: i64,
        writes: &mut Writes,
    ) -> Applied {
        let status = alert.status_at(now);
        if status == Status::Firing && !self.has_room() {
            return Applied::Dropped;
        }
        let kept = alert.source != Source::Rule || status == Status::Resolved;
        if kept {
            write(fingerprint, &alert, timeout, writes);
        }
        self.tell(fingerprint, &alert, status);
        self.insert(fingerprint, Entry { alert, timeout, status, kept });
        if status == Status::Firing { Applied::Fired } else { Applied::Resolved }
    }

    fn has_room(&mut self) -> bool {
        if self.firing < self.most {
            return true;
        }
        self.dropped += 1;
        if !std::mem::replace(&mut self.full, true) {
            tracing::error!(
                most = self.most,
                "there are as many alerts as the engine keeps: new ones are dropped until some are over"
            );
        }
        false
    }

    fn tell(&mut self, fingerprint: Fingerprint, alert: &Arc<Alert>, status: Status) {
        if status == Status::Resolved {
            self.history.push(Arc::clone(alert));
        }
        self.news.push(News { fingerprint, alert: Arc::clone(alert), status });
    }

    fn insert(&mut self, fingerprint: Fingerprint, entry: Entry) {
        match (entry.status, entry.alert.ends_at) {
            (Status::Firing, end) => {
                self.firing += 1;
                self.ends.extend(end.map(|end| (end, fingerprint)));
            }
            (Status::Resolved, end) => {
                self.over.extend(end.map(|end| (end, fingerprint)));
            }
        }
        self.entries.insert(fingerprint, entry);
    }

    fn remove(&mut self, fingerprint: Fingerprint) {
        let Some(entry) = self.entries.remove(&fingerprint) else { return };
        let at = entry.alert.ends_at.map(|end| (end, fingerprint));
        if entry.status == Status::Firing {
            self.firing -= 1;
            self.full &= self.firing >= self.most;
            at.inspect(|at| {
                self.ends.remove(at);
            });
        } else {
            at.inspect(|at| {
                self.over.remove(at);
            });
        }
    }

    /// Ends what nobody has renewed, and forgets what was over long ago, unless somebody still has to be told of it.
    pub(crate) fn pass(
        &mut self,
        now: i64,
        mut is_held: impl FnMut(Fingerprint) -> bool,
        writes: &mut Writes,
    ) {
        while let Some(&(end, fingerprint)) = self.ends.first() {
            if end > now {
                break;
            }
            self.ends.pop_first();
            let Some(entry) = self.entries.get_mut(&fingerprint) else { continue };
            entry.status = Status::Resolved;
            let alert = Arc::clone(&entry.alert);
            if !std::mem::replace(&mut entry.kept, true) {
                write(fingerprint, &alert, entry.timeout, writes);
            }
            self.firing -= 1;
            self.full &= self.firing >= self.most;
            self.over.insert((end, fingerprint));
            self.tell(fingerprint, &alert, Status::Resolved);
        }
        let gone = self.over.range(..=(now.saturating_sub(SHOWN), Fingerprint(u64::MAX)));
        let gone: Vec<_> = gone.filter(|(end, it)| *end < now - LONGEST || !is_held(*it)).copied().collect();
        for (_, fingerprint) in gone {
            self.release(fingerprint, writes);
            self.remove(fingerprint);
        }
    }

    /// Everybody has been told of this alert's end: a restart need not know of it.
    pub(crate) fn release(&mut self, fingerprint: Fingerprint, writes: &mut Writes) {
        let Some(entry) = self.entries.get_mut(&fingerprint) else { return };
        if entry.status == Status::Resolved && std::mem::take(&mut entry.kept) {
            writes.delete(Table::Alerts, fingerprint.to_string());
        }
    }

    /// All that is there, and all that is over and not forgotten, is news once more: for one who knows nothing yet.
    pub(crate) fn tell_all(&mut self) {
        self.news.clear();
        self.news.extend(self.entries.iter().map(|(fingerprint, entry)| News {
            fingerprint: *fingerprint,
            alert: Arc::clone(&entry.alert),
            status: entry.status,
        }));
    }

    /// What has come and gone since this was asked last.
    pub(crate) fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// What has come and gone that nobody has taken yet.
    pub(crate) fn news(&self) -> &[News] {
        &self.news
    }

    /// How restored alerts were before: of each that fires, and each whose end was known when it was written down. An end that
    /// was named in advance may have come since.
    pub(crate) fn heard(&self) -> impl Iterator<Item = (Fingerprint, Status)> {
        let is_heard = |news: &&News| {
            news.status == Status::Firing
                || news.alert.ends_at.is_some_and(|end| end <= news.alert.updated_at)
        };
        self.news.iter().filter(is_heard).map(|news| (news.fingerprint, news.status))
    }

    /// Whether something came or went that nobody has asked for yet.
    pub(crate) fn has_news(&self) -> bool {
        !self.news.is_empty()
    }

    /// When the next end comes that was named in advance.
    pub(crate) fn next_end(&self) -> Option<i64> {
        self.ends.first().map(|(end, _)| *end)
    }

    /// One alert, over or not.
    pub(crate) fn get(&self, fingerprint: Fingerprint) -> Option<&Arc<Alert>> {
        self.entries.get(&fingerprint).map(|entry| &entry.alert)
    }

    /// One alert that is there.
    pub(crate) fn active_one(&self, fingerprint: Fingerprint) -> Option<&Arc<Alert>> {
        self.entries
            .get(&fingerprint)
            .filter(|entry| entry.status == Status::Firing)
            .map(|entry| &entry.alert)
    }

    /// All alerts, those included that were over less than 15 minutes ago, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Alert>> {
        self.entries.values().map(|entry| &entry.alert)
    }

    /// Those that are there.
    pub(crate) fn active(&self) -> impl Iterator<Item = &Arc<Alert>> {
        self.entries.values().filter(|entry| entry.status == Status::Firing).map(|entry| &entry.alert)
    }

    /// Those that ended last, the latest first; at most 1,000.
    pub(crate) fn history(&self) -> impl Iterator<Item = &Arc<Alert>> {
        self.history.iter()
    }

    /// How many there are of each severity.
    pub(crate) fn summary(&self) -> BTreeMap<String, usize> {
        let mut summary = BTreeMap::new();
        for alert in self.active() {
            let severity = Severity::from(alert.labels.get("severity"));
            *summary.entry(severity.as_str().to_owned()).or_insert(0) += 1;
        }
        summary
    }

    /// How many there are.
    pub(crate) fn firing(&self) -> usize {
        self.firing
    }

    /// How many were dropped because there were too many.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }
}

fn write(fingerprint: Fingerprint, alert: &Arc<Alert>, timeout: bool, writes: &mut Writes) {
    let record = Record { alert: &**alert, timeout };
    writes.put(Table::Alerts, fingerprint.to_string(), &record);
}

/// The alert that two reports of it make. What is only given up after a while yields to an end that somebody named.
fn merged(
    (before, before_timeout): (&Arc<Alert>, bool),
    (mut alert, timeout): (Arc<Alert>, bool),
    now: i64,
) -> (Arc<Alert>, bool) {
    let end = |alert: &Alert| alert.ends_at.unwrap_or(i64::MAX);
    let inside = |time: i64, of: &Alert| of.starts_at < time && time < end(of);
    // That both have no end counts as overlapping too: then it goes on.
    let both_open = alert.ends_at.is_none() && before.ends_at.is_none();
    if !(inside(end(&alert), before) || inside(alert.starts_at, before) || both_open) {
        return (alert, timeout);
    }
    let mut timeout = timeout;
    let start = before.starts_at.min(alert.starts_at);
    let over = alert.status_at(now) == Status::Resolved;
    let later = end(before) > end(&alert);
    let takes_end =
        if over { before.status_at(now) == Status::Resolved && later } else { later && !before_timeout };
    if start != alert.starts_at || takes_end {
        let changed = Arc::make_mut(&mut alert);
        changed.starts_at = start;
        if takes_end {
            changed.ends_at = before.ends_at;
            timeout = false;
        }
    }
    (alert, timeout)
}
