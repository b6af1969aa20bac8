//! A book, a dispatcher and an outbox, and time that a test moves.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::alert::config::scratch::Scratch;
use crate::alert::config::{GroupBy, InhibitRule, Integration, ReceiverConfig, Route, Routing};
use crate::alert::dispatch::{Additions, Book, Dispatcher, target};
use crate::alert::notify::outbox::{Outbox, Parcel, Target};
use crate::alert::notify::{Notification, Reason};
use crate::alert::receivers::{Delivery, Feed, Receiver};
use crate::alert::state::{Disk, Table, Writes};
use crate::alert::{Alert, Source, Status};
use crate::registers::Registers;
use crate::series::{Labels, MatchOp, Matcher};

/// 2026-01-01, a Thursday.
pub(crate) const START: i64 = 1_767_225_600_000;

/// A receiver that is asked for nothing but what it wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ear {
    pub(crate) kind: &'static str,
    pub(crate) ends: bool,
    pub(crate) single: bool,
    pub(crate) feed: Option<Feed>,
}

impl Receiver for Ear {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn send<'a>(&'a self, _: &'a Notification) -> Delivery<'a> {
        Box::pin(async { Ok(()) })
    }

    fn send_resolved(&self) -> bool {
        self.ends
    }

    fn takes_single_alerts(&self) -> bool {
        self.single
    }

    fn feed(&self) -> Option<Feed> {
        self.feed.clone()
    }
}

/// One that hears all.
pub(crate) fn ear() -> Ear {
    Ear { kind: "ear", ends: true, single: false, feed: None }
}

pub(crate) fn receiver(name: &str, ears: impl IntoIterator<Item = Ear>) -> ReceiverConfig {
    let built = |ear| Integration::Built(Arc::new(ear) as Arc<dyn Receiver>);
    ReceiverConfig { name: name.into(), integrations: ears.into_iter().map(built).collect() }
}

/// Everything to `all`, by name, 10 s to wait, 60 s from one to the next, an hour until it is said again.
pub(crate) fn routing() -> Routing {
    let seconds = Duration::from_secs;
    let mut route = Route::new("all");
    route.group_by = GroupBy::Labels(vec!["alertname".into()]);
    (route.group_wait, route.group_interval, route.repeat_interval) =
        (seconds(10), seconds(60), seconds(3_600));
    Routing::new(route, vec![receiver("all", [ear()])])
}

/// A child that takes what passes these matchers, and inherits the rest.
pub(crate) fn child(of: &Route, to: &str, matching: &[&str]) -> Route {
    Route {
        receiver: to.into(),
        matchers: matchers(matching),
        routes: Vec::new(),
        continues: false,
        ..of.clone()
    }
}

pub(crate) fn inhibit(source: &[&str], target: &[&str], equal: &[&str]) -> InhibitRule {
    let equal = equal.iter().map(|&name| name.to_owned()).collect();
    InhibitRule { source: matchers(source), target: matchers(target), equal }
}

/// Of `a=b`, `a!=b`, `a=~b` and `a!~b`.
pub(crate) fn matchers(texts: &[&str]) -> Vec<Matcher> {
    texts.iter().map(|text| matcher(text)).collect()
}

fn matcher(text: &str) -> Matcher {
    let ops =
        [("=~", MatchOp::Regex), ("!~", MatchOp::NotRegex), ("!=", MatchOp::NotEqual), ("=", MatchOp::Equal)];
    let (op, (name, value)) = ops.iter().find_map(|(sign, op)| Some((*op, text.split_once(sign)?))).unwrap();
    Matcher::new(name, op, value).unwrap()
}

/// Of `a=b c=d`.
pub(crate) fn labels(text: &str) -> Labels {
    Labels::new(text.split_whitespace().map(|label| label.split_once('=').unwrap()))
}

/// A message that somebody got.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// Seconds since the start.
    pub(crate) at: i64,
    pub(crate) target: String,
    pub(crate) group: String,
    pub(crate) reason: Reason,
    pub(crate) alerts: BTreeMap<String, Status>,
    pub(crate) message: Notification,
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, target, reason, alerts, .. } = self;
        write!(f, "{at} {target} {}", format!("{reason:?}").to_lowercase())?;
        for (alert, status) in alerts {
            write!(f, " {}{alert}", if *status == Status::Firing { '+' } else { '-' })?;
        }
        Ok(())
    }
}

pub(crate) struct Stage {
    pub(crate) routing: Arc<Routing>,
    pub(crate) additions: Additions,
    pub(crate) book: Book,
    pub(crate) dispatcher: Dispatcher,
    pub(crate) outbox: Outbox,
    pub(crate) now: i64,
    pub(crate) heard: Vec<Heard>,
    /// Whether messages arrive.
    pub(crate) open: bool,
    /// What rules find: it comes back after a restart.
    found: BTreeMap<Labels, Arc<Alert>>,
    // Before its folder.
    disk: Disk,
    registers: Registers,
    folder: Option<Scratch>,
}

impl Stage {
    pub(crate) fn new(routing: Routing) -> Self {
        Self::with(routing, Additions::default(), None)
    }

    pub(crate) fn on_disk(routing: Routing, additions: Additions) -> Self {
        Self::with(routing, additions, Some(Scratch::new("dispatch")))
    }

    pub(crate) fn with(routing: Routing, additions: Additions, folder: Option<Scratch>) -> Self {
        let routing = Arc::new(routing);
        let disk = folder.as_ref().map_or_else(Disk::nowhere, |folder| Disk::open(folder.path()).unwrap());
        let mut dispatcher = Dispatcher::new(Arc::clone(&routing), &disk);
        dispatcher.set_additions(additions.clone());
        let (book, outbox) = (Book::restore(&disk, START), Outbox::restore(&disk));
        let mut stage = Self {
            routing,
            additions,
            book,
            dispatcher,
            outbox,
            now: START,
            heard: Vec::new(),
            open: true,
            found: BTreeMap::new(),
            disk,
            registers: Registers::new(),
            folder,
        };
        stage.serve();
        stage.tick();
        stage
    }

    /// The process is killed between two ticks, and started again so many seconds later.
    pub(crate) fn restart(&mut self, seconds: i64) {
        self.now += seconds * 1_000;
        self.disk = Disk::nowhere();
        if let Some(folder) = &self.folder {
            self.disk = Disk::open(folder.path()).unwrap();
        }
        self.book = Book::restore(&self.disk, self.now);
        self.outbox = Outbox::restore(&self.disk);
        self.dispatcher = Dispatcher::new(Arc::clone(&self.routing), &self.disk);
        self.dispatcher.set_additions(self.additions.clone());
        self.serve();
        let mut writes = Writes::new();
        for alert in self.found.values() {
            self.book.apply(Arc::clone(alert), self.now, &mut writes);
        }
        self.disk.commit(writes);
        self.tick();
    }

    pub(crate) fn reload(&mut self, routing: Routing) {
        self.routing = Arc::new(routing);
        let mut writes = Writes::new();
        self.dispatcher.reload(Arc::clone(&self.routing), &self.book, &mut writes);
        self.disk.commit(writes);
        self.serve();
        self.tick();
    }

    /// A rule finds this.
    pub(crate) fn fire(&mut self, text: &str) {
        let alert = self.found(text);
        self.apply(alert);
    }

    /// All of these come in one tick.
    pub(crate) fn fire_all(&mut self, texts: &[String]) {
        let alerts: Vec<_> = texts.iter().map(|text| self.found(text)).collect();
        self.apply_all(alerts);
    }

    /// All of these go in one tick.
    pub(crate) fn end_all(&mut self, texts: &[String]) {
        let alerts: Vec<_> = texts.iter().filter_map(|text| self.not_found(text)).collect();
        self.apply_all(alerts);
    }

    fn found(&mut self, text: &str) -> Arc<Alert> {
        let mut alert = Alert::with_labels(labels(text));
        (alert.starts_at, alert.updated_at, alert.source) = (self.now, self.now, Source::Rule);
        if let Some(before) = self.found.get(&alert.labels) {
            alert.starts_at = before.starts_at;
        }
        let alert = Arc::new(alert);
        self.found.insert(alert.labels.clone(), Arc::clone(&alert));
        alert
    }

    /// A rule finds it no longer.
    pub(crate) fn end(&mut self, text: &str) {
        if let Some(alert) = self.not_found(text) {
            self.apply(alert);
        }
    }

    fn not_found(&mut self, text: &str) -> Option<Arc<Alert>> {
        let mut alert = Alert::clone(self.found.remove(&labels(text))?.as_ref());
        alert.ends_at = Some(self.now);
        Some(Arc::new(alert))
    }

    /// Nobody finds it any more, and nobody says so: its rule is gone.
    pub(crate) fn lose(&mut self, text: &str) {
        self.found.remove(&labels(text));
    }

    pub(crate) fn apply(&mut self, alert: Arc<Alert>) {
        self.apply_all([alert]);
    }

    fn apply_all(&mut self, alerts: impl IntoIterator<Item = Arc<Alert>>) {
        let mut writes = Writes::new();
        for alert in alerts {
            self.book.apply(alert, self.now, &mut writes);
        }
        self.run(writes);
    }

    /// How many records the disk has, by table; after a restart, which is when it is read.
    pub(crate) fn records(&self) -> BTreeMap<&'static str, usize> {
        let count = |table: Table| (table.name(), self.disk.load::<serde_json::Value>(table).len());
        Table::ALL.into_iter().map(count).filter(|(_, records)| *records > 0).collect()
    }

    pub(crate) fn tick(&mut self) {
        self.run(Writes::new());
    }

    fn run(&mut self, mut writes: Writes) {
        self.dispatcher.run(self.now, &mut self.book, &mut self.outbox, &mut writes);
        self.disk.commit(writes);
        if self.open {
            self.deliver();
        }
    }

    /// Everybody takes what they are owed.
    pub(crate) fn deliver(&mut self) {
        let mut writes = Writes::new();
        for (target, _) in self.targets() {
            while let Some(message) = self.hand_over(&target, &mut writes) {
                self.hear(&target, &message);
            }
        }
        self.disk.commit(writes);
    }

    pub(crate) fn deliver_one(&mut self, target: &Target) -> Option<Notification> {
        let mut writes = Writes::new();
        let message = self.hand_over(target, &mut writes);
        self.disk.commit(writes);
        message
    }

    fn hand_over(&mut self, target: &Target, writes: &mut Writes) -> Option<Notification> {
        let Parcel { ticket, notification } = self.outbox.next(target, self.now)?;
        self.outbox.settle(target, ticket, &Ok(()), self.now, writes);
        Some(notification)
    }

    fn serve(&mut self) {
        let mut writes = Writes::new();
        let targets = self.targets();
        self.outbox.serve(&targets, &self.registers, &mut writes);
        self.disk.commit(writes);
    }

    fn hear(&mut self, target: &Target, message: &Notification) {
        let name = |labels: &Labels| {
            let rest = labels.filter(|name| name != "alertname");
            let name = labels.get("alertname");
            let values = rest.iter().map(|(_, value)| format!("/{value}"));
            values.fold(name.to_owned(), |name, value| name + &value)
        };
        let alerts = message.alerts.iter().map(|it| (name(&it.alert.labels), it.status));
        self.heard.push(Heard {
            at: (self.now - START) / 1_000,
            target: target.0.to_string(),
            group: message.group_key.to_string(),
            reason: message.reason,
            alerts: alerts.collect(),
            message: message.clone(),
        });
    }

    pub(crate) fn targets(&self) -> Vec<(Target, Arc<dyn Receiver>)> {
        let receivers = self.routing.receivers.iter();
        receivers
            .flat_map(|config| {
                config.integrations.iter().enumerate().map(|(index, integration)| {
                    let Integration::Built(receiver) = integration;
                    (target(&config.name, receiver.kind(), index), Arc::clone(receiver))
                })
            })
            .collect()
    }

    /// Lets time pass, and everything happen at its time.
    pub(crate) fn pass(&mut self, seconds: i64) {
        self.pass_millis(seconds * 1_000);
    }

    pub(crate) fn pass_millis(&mut self, millis: i64) {
        let until = self.now + millis;
        while let Some(due) = self.dispatcher.next_due(&self.book).filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.tick();
        }
        self.now = until;
        self.tick();
    }

    /// What was heard since this was asked last, a line each.
    pub(crate) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.heard).iter().map(ToString::to_string).collect()
    }

    pub(crate) fn with_writes<T>(
        &mut self,
        change: impl FnOnce(&mut Dispatcher, &Book, i64, &mut Writes) -> T,
    ) -> T {
        let mut writes = Writes::new();
        let changed = change(&mut self.dispatcher, &self.book, self.now, &mut writes);
        self.disk.commit(writes);
        changed
    }
}
