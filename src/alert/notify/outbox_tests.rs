use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::{Just, Strategy, any, proptest};
use proptest::{collection, prop_oneof};

use super::{Group, Outbox, Parcel, Target};
use crate::alert::notify::{Notice, Notification, Reason};
use crate::alert::receivers::{Delivery, Receiver, SendError};
use crate::alert::state::Writes;
use crate::alert::{Alert, Status};
use crate::registers::Registers;
use crate::series::Labels;

/// What the tests have in place of a disk.
#[derive(Default)]
struct Records(HashMap<String, Vec<u8>>);

impl Records {
    fn commit(&mut self, writes: Writes) -> usize {
        let bytes = writes.0.iter().map(|write| write.record.as_ref().map_or(0, Vec::len)).sum();
        for write in writes.0 {
            match write.record {
                Some(record) => self.0.insert(write.key, record),
                None => self.0.remove(&write.key),
            };
        }
        bytes
    }

    fn restore(&self) -> Outbox {
        let records = self.0.iter();
        let read = records.map(|(key, record)| (key.clone(), serde_json::from_slice(record).unwrap()));
        Outbox::from_records(read.collect())
    }
}

#[derive(Debug, Default)]
struct Quiet {
    single: bool,
    pace: Option<Duration>,
}

impl Receiver for Quiet {
    fn kind(&self) -> &'static str {
        "quiet"
    }

    fn send<'a>(&'a self, _notification: &'a Notification) -> Delivery<'a> {
        Box::pin(async { Ok(()) })
    }

    fn takes_single_alerts(&self) -> bool {
        self.single
    }

    fn pace(&self) -> Option<Duration> {
        self.pace
    }
}

/// An outbox, its disk, and the metrics of both.
#[derive(Default)]
struct World {
    outbox: Outbox,
    records: Records,
    registers: Registers,
    now: i64,
    words: i64,
}

impl World {
    fn serving(targets: &[(&str, Quiet)]) -> Self {
        let mut world = Self::default();
        world.serve(targets);
        world
    }

    fn serve(&mut self, targets: &[(&str, Quiet)]) {
        let targets: Vec<(Target, Arc<dyn Receiver>)> = targets
            .iter()
            .map(|(name, Quiet { single, pace })| {
                let receiver: Arc<dyn Receiver> = Arc::new(Quiet { single: *single, pace: *pace });
                (target(name), receiver)
            })
            .collect();
        let mut writes = Writes::new();
        self.outbox.serve(&targets, &self.registers, &mut writes);
        self.records.commit(writes);
    }

    /// Owes the next word, whose number is in the alert's start.
    fn owe(&mut self, to: &str, group: &str, words: &[(&str, Status)]) -> usize {
        let notices = words.iter().map(|(name, status)| {
            self.words += 1;
            let mut alert = Alert::new(*name);
            alert.starts_at = self.words;
            Notice { alert: Arc::new(alert), status: *status }
        });
        let notices = notices.collect();
        let mut writes = Writes::new();
        self.outbox.owe(&target(to), &in_group(group), notices, Reason::News, &mut writes);
        self.records.commit(writes)
    }

    fn next(&mut self, to: &str) -> Option<Parcel> {
        self.outbox.next(&target(to), self.now)
    }

    fn settle(&mut self, to: &str, ticket: u64, outcome: &Result<(), SendError>) -> usize {
        let mut writes = Writes::new();
        self.outbox.settle(&target(to), ticket, outcome, self.now, &mut writes);
        self.records.commit(writes)
    }

    /// Sends the next message, and shows it.
    fn deliver(&mut self, to: &str) -> Option<String> {
        let parcel = self.next(to)?;
        self.settle(to, parcel.ticket, &Ok(()));
        Some(shown(&parcel.notification))
    }

    fn restart(&mut self) {
        self.outbox = self.records.restore();
    }

    fn count(&self, to: &str, outcome: &str) -> u64 {
        let labels = [("receiver", to), ("outcome", outcome)];
        self.registers.snapshot().counter("tower_watch_notifications_total", &labels)
    }

    fn queue_length(&self, to: &str) -> f64 {
        self.registers.snapshot().gauge("tower_watch_notification_queue_length", &[("receiver", to)])
    }
}

fn target(name: &str) -> Target {
    Target(name.into())
}

fn in_group(key: &str) -> Group {
    Group { key: key.into(), labels: Labels::new([("group", key.to_owned())]), receiver: "team".into() }
}

/// `group: Name firing 1, Other resolved 2`
fn shown(notification: &Notification) -> String {
    let notices = notification.alerts.iter();
    let notices =
        notices.map(|Notice { alert, status }| format!("{} {status} {}", alert.name(), alert.starts_at));
    let mut notices: Vec<_> = notices.collect();
    notices.sort_unstable();
    format!("{}: {}", notification.group_key, notices.join(", "))
}

fn retry(after: Option<u64>) -> Result<(), SendError> {
    Err(SendError::Retry { reason: "not now".into(), after: after.map(Duration::from_secs) })
}

fn refuse() -> Result<(), SendError> {
    Err(SendError::Refused { reason: "no".into() })
}

use Status::{Firing, Resolved};

#[test]
fn a_message_takes_the_first_debt_of_every_alert_and_what_is_left_follows_at_once() {
    let mut world = World::serving(&[("t", Quiet::default())]);
    world.owe("t", "g", &[("A", Firing), ("B", Firing)]);
    world.owe("t", "g", &[("A", Resolved), ("C", Resolved)]);
    assert_eq!(world.queue_length("t"), 4.0);
    assert_eq!(world.deliver("t").unwrap(), "g: A firing 1, B firing 2, C resolved 4");
    assert_eq!(world.deliver("t").unwrap(), "g: A resolved 3");
    assert_eq!(world.deliver("t"), None);
    assert_eq!((world.queue_length("t"), world.count("t", "delivered")), (0.0, 2));
}

#[test]
fn who_takes_one_alert_a_message_gets_each_in_its_order() {
    let mut world = World::serving(&[("t", Quiet { single: true, pace: None })]);
    world.owe("t", "g", &[("A", Firing), ("B", Firing)]);
    world.owe("t", "g", &[("A", Resolved)]);
    let told: Vec<_> = std::iter::from_fn(|| world.deliver("t")).collect();
    assert_eq!(told, ["g: A firing 1", "g: A resolved 3", "g: B firing 2"]);
}

#[test]
fn one_message_is_under_way_and_another_settles_nothing() {
    let mut world = World::serving(&[("t", Quiet::default())]);
    world.owe("t", "g", &[("A", Firing)]);
    world.owe("t", "h", &[("B", Firing)]);
    let first = world.next("t").unwrap();
    assert!(world.next("t").is_none());
    assert_eq!(world.outbox.due(&target("t")), None);
    world.settle("t", first.ticket + 1, &Ok(()));
    assert!(world.next("t").is_none(), "nobody knows this ticket");
    world.outbox.give_back(&target("t"), first.ticket);
    assert_eq!(world.deliver("t").unwrap(), "g: A firing 1", "it was given back");
    world.settle("t", first.ticket, &Ok(()));
    assert_eq!(world.deliver("t").unwrap(), "h: B firing 2");
}

#[test]
fn a_message_that_did_not_arrive_waits_and_lets_another_try_first() {
    let mut world = World::serving(&[("t", Quiet::default())]);
    world.owe("t", "g", &[("A", Firing)]);
    world.owe("t", "h", &[("B", Firing)]);
    let parcel = world.next("t").unwrap();
    world.settle("t", parcel.ticket, &retry(Some(30)));
    assert_eq!(world.outbox.due(&target("t")), Some(30_000));
    world.now = 29_999;
    assert!(world.next("t").is_none());
    world.now = 30_000;
    assert_eq!(world.deliver("t").unwrap(), "h: B firing 2");
    assert_eq!(world.deliver("t").unwrap(), "g: A firing 1");
    let retries =
        world.registers.snapshot().counter("tower_watch_notification_retries_total", &[("receiver", "t")]);
    assert_eq!((world.count("t", "retried"), retries, world.count("t", "delivered")), (1, 1, 2));
}

#[test]
fn a_pace_holds_from_one_message_to_the_next() {
    let mut world = World::serving(&[("t", Quiet { single: true, pace: Some(Duration::from_secs(1)) })]);
    world.owe("t", "g", &[("A", Firing), ("B", Firing)]);
    assert!(world.deliver("t").is_some());
    assert!(world.next("t").is_none());
    assert_eq!(world.outbox.due(&target("t")), Some(1_000));
    world.now = 1_000;
    assert!(world.deliver("t").is_some());
}

#[test]
fn a_belief_begins_with_the_debt_and_ends_with_it_restart_or_not() {
    let mut world = World::serving(&[("t", Quiet::default())]);
    let believed = |world: &World| {
        let firing = world.outbox.believed_firing(&target("t"), "g");
        let believing = world.outbox.believing();
        assert_eq!(firing.is_empty(), believing.is_empty());
        assert!(
            believing.iter().all(|(to, group)| (&*to.0, &*group.key, &*group.receiver) == ("t", "g", "team"))
        );
        firing.iter().map(|alert| alert.name().to_owned()).collect::<Vec<_>>()
    };
    world.owe("t", "g", &[("A", Firing), ("B", Firing)]);
    assert_eq!(believed(&world).len(), 2);
    world.deliver("t");
    world.restart();
    assert_eq!(believed(&world).len(), 2, "they were told");
    world.owe("t", "g", &[("A", Resolved)]);
    assert_eq!(believed(&world), ["B"]);
    world.restart();
    assert_eq!(believed(&world), ["B"], "its end is owed");
    assert_eq!(world.deliver("t").unwrap(), "g: A resolved 3");
    world.owe("t", "g", &[("B", Resolved)]);
    world.deliver("t");
    assert_eq!(world.records.0.len(), 0, "nothing is left on disk");
    assert_eq!(world.outbox.alerts_remembered("t"), 0, "or in memory");
}

#[test]
fn a_group_comes_back_with_its_labels_and_its_receiver() {
    let mut world = World::serving(&[("t", Quiet::default())]);
    world.outbox.introduce("http://here".into(), Some("a-1".into()));
    world.owe("t", "g", &[("A", Firing)]);
    let before = world.next("t").unwrap().notification;
    assert_eq!((&*before.external_url, before.instance.as_deref()), ("http://here", Some("a-1")));
    world.restart();
    world.outbox.introduce("http://here".into(), Some("a-1".into()));
    let after = world.next("t").unwrap().notification;
    assert_eq!(before, after);
}

#[test]
fn what_is_owed_to_a_target_that_is_gone_is_dropped_and_counted() {
    let mut world = World::serving(&[("t", Quiet::default()), ("u", Quiet::default())]);
    world.owe("t", "g", &[("A", Firing), ("B", Firing)]);
    world.owe("u", "g", &[("A", Firing)]);
    world.restart();
    world.serve(&[("u", Quiet::default())]);
    assert_eq!((world.count("t", "dropped"), world.queue_length("t")), (2, 0.0));
    assert_eq!(world.queue_length("u"), 1.0);
    world.deliver("u");
    world.owe("u", "g", &[("A", Resolved)]);
    world.deliver("u");
    assert_eq!(world.records.0.len(), 0);
}

#[test]
fn a_target_that_changes_its_manner_is_still_told_everything() {
    let mut world = World::serving(&[("t", Quiet::default())]);
    world.owe("t", "g", &[("A", Firing), ("B", Firing)]);
    world.serve(&[("t", Quiet { single: true, pace: None })]);
    assert_eq!(world.deliver("t").unwrap(), "g: A firing 1");
    world.serve(&[("t", Quiet::default())]);
    assert_eq!(world.deliver("t").unwrap(), "g: B firing 2");
}

#[test]
fn a_manner_that_changes_while_a_message_is_under_way_loses_nothing() {
    for single in [true, false] {
        let mut world = World::serving(&[("t", Quiet { single, pace: None })]);
        world.owe("t", "g", &[("A", Firing), ("B", Firing)]);
        let parcel = world.next("t").unwrap();
        world.serve(&[("t", Quiet { single: !single, pace: None })]);
        world.settle("t", parcel.ticket, &retry(Some(1)));
        world.now += 1_000;
        let mut told = HashSet::new();
        while let Some(parcel) = world.next("t") {
            told.extend(parcel.notification.alerts.iter().map(|notice| notice.alert.name().to_owned()));
            world.settle("t", parcel.ticket, &Ok(()));
        }
        assert_eq!(told.len(), 2);
        assert_eq!(world.queue_length("t"), 0.0);
    }
}

#[test]
fn more_alerts_than_there_is_room_for_are_counted_and_the_known_ones_still_end() {
    let mut world = World { outbox: Outbox::with_most_alerts(2), ..World::default() };
    world.serve(&[("t", Quiet::default())]);
    world.owe("t", "g", &[("A", Firing), ("B", Firing), ("C", Firing)]);
    assert_eq!(world.count("t", "dropped"), 1);
    world.owe("t", "g", &[("A", Resolved), ("C", Resolved)]);
    assert_eq!(world.count("t", "dropped"), 2);
    assert_eq!(world.deliver("t").unwrap(), "g: A firing 1, B firing 2");
    assert_eq!(world.deliver("t").unwrap(), "g: A resolved 4");
    world.owe("t", "g", &[("C", Firing)]);
    assert_eq!(world.deliver("t").unwrap(), "g: C firing 6", "there is room again");
}

#[test]
fn settling_a_large_group_writes_next_to_nothing() {
    let mut world = World::serving(&[("t", Quiet::default())]);
    let names: Vec<String> = (0..10_000).map(|number| format!("Alert{number}")).collect();
    let words: Vec<_> = names.iter().map(|name| (name.as_str(), Firing)).collect();
    let owed = world.owe("t", "g", &words);
    assert!(owed > 1_000_000);
    let parcel = world.next("t").unwrap();
    assert_eq!(parcel.notification.alerts.len(), 10_000);
    assert_eq!(world.settle("t", parcel.ticket, &Ok(())), 0);
    world.restart();
    assert_eq!(world.outbox.believed_firing(&target("t"), "g").len(), 10_000);
    assert_eq!(world.outbox.due(&target("t")), None);
}

#[test]
fn records_that_do_not_fit_together_are_left_out() {
    let mut world = World::serving(&[("t", Quiet::default())]);
    world.owe("t", "g", &[("A", Firing)]);
    world.owe("t", "h", &[("B", Firing)]);
    world.records.0.retain(|key, _| !key.contains(":g:") || !key.ends_with("group"));
    let text = world.records.0.iter().find(|(key, _)| key.ends_with("firing")).unwrap().1.clone();
    world.records.0.insert("nonsense".into(), text.clone());
    world.records.0.insert("1:t:h:group".into(), world.records.0["1:t:h:group"].clone());
    world.records.0.insert("1:t:h:00000000000000ff/owed".into(), text);
    world.restart();
    assert_eq!(world.deliver("t").unwrap(), "h: B firing 2");
    assert_eq!(world.deliver("t"), None);
}

/// What can happen to a target's queue.
#[derive(Clone, Debug)]
enum Event {
    Decide {
        target: usize,
        group: usize,
        alert: usize,
        fires: bool,
    },
    Send(usize),
    Arrive(usize),
    Fail(usize),
    Refuse(usize),
    /// The process is killed; the message that was under way had arrived, or not.
    Kill {
        arrived: bool,
    },
    Restart,
}

fn events(refusals: bool) -> impl Strategy<Value = Vec<Event>> {
    let decide = (0..2usize, 0..2usize, 0..3usize, any::<bool>())
        .prop_map(|(target, group, alert, fires)| Event::Decide { target, group, alert, fires });
    let refuse = (0..2usize)
        .prop_map(move |target| if refusals { Event::Refuse(target) } else { Event::Arrive(target) });
    let event = prop_oneof![
        6 => decide,
        4 => (0..2usize).prop_map(Event::Send),
        3 => (0..2usize).prop_map(Event::Arrive),
        1 => (0..2usize).prop_map(Event::Fail),
        1 => refuse,
        1 => any::<bool>().prop_map(|arrived| Event::Kill { arrived }),
        1 => Just(Event::Restart),
    ];
    collection::vec(event, 1..80)
}

const TARGETS: [&str; 2] = ["all", "single"];
const GROUPS: [&str; 2] = ["g", "h"];
const ALERTS: [&str; 3] = ["A", "B", "C"];

/// Which target, group and alert.
type About = (usize, String, String);

/// What was decided and what was heard, in words by their number.
#[derive(Default)]
struct Model {
    decided: BTreeMap<About, Vec<(i64, Status)>>,
    heard: BTreeMap<About, Vec<(i64, Status)>>,
    refused: HashSet<i64>,
    /// Whether the target takes it to fire, once it has heard all.
    believes: BTreeMap<About, bool>,
}

impl Model {
    fn about(target: usize, notification: &Notification, notice: &Notice) -> About {
        (target, notification.group_key.to_string(), notice.alert.name().to_owned())
    }

    /// It arrives. Without being settled it is sent again, and nobody but the receiver knows of this time.
    fn hears(&mut self, target: usize, notification: &Notification, settled: bool) {
        for notice in &notification.alerts {
            let about = Self::about(target, notification, notice);
            let (number, status) = (notice.alert.starts_at, notice.status);
            let decided = &self.decided[&about];
            assert!(decided.contains(&(number, status)), "nobody said {status} {number} of {about:?}");
            let heard = self.heard.entry(about.clone()).or_default();
            assert!(
                heard.iter().all(|(earlier, _)| *earlier <= number),
                "{about:?}: {number} after {heard:?}"
            );
            heard.push((number, status));
            if status == Resolved
                && let Some((firing, _)) =
                    decided.iter().rev().find(|(earlier, status)| *earlier < number && *status == Firing)
            {
                let was_heard = heard.contains(&(*firing, Firing));
                assert!(
                    was_heard || self.refused.contains(firing),
                    "{about:?}: an end without its beginning"
                );
            }
            if settled {
                self.believes.insert(about, status == Firing);
            }
        }
    }

    fn refuses(&mut self, target: usize, notification: &Notification) {
        for notice in &notification.alerts {
            self.refused.insert(notice.alert.starts_at);
            if notice.status == Resolved {
                self.believes.insert(Self::about(target, notification, notice), false);
            }
        }
    }
}

fn check(events: Vec<Event>, refusals: bool) {
    let targets = || [(TARGETS[0], Quiet::default()), (TARGETS[1], Quiet { single: true, pace: None })];
    let mut world = World::serving(&targets());
    let mut model = Model::default();
    let mut under_way: [Option<Parcel>; 2] = [None, None];
    let end = [Event::Restart, Event::Send(0), Event::Arrive(0), Event::Send(1), Event::Arrive(1)];
    for event in events.into_iter().chain(end) {
        world.now += 400_000;
        match event {
            Event::Decide { target: to, group, alert, fires } => {
                let status = if fires { Firing } else { Resolved };
                world.owe(TARGETS[to], GROUPS[group], &[(ALERTS[alert], status)]);
                let about = (to, GROUPS[group].to_owned(), ALERTS[alert].to_owned());
                model.decided.entry(about).or_default().push((world.words, status));
                let believed = world.outbox.believed_firing(&target(TARGETS[to]), GROUPS[group]);
                assert_eq!(believed.iter().any(|believed| believed.name() == ALERTS[alert]), fires);
            }
            Event::Send(to) => {
                if under_way[to].is_none() {
                    under_way[to] = world.next(TARGETS[to]);
                }
            }
            Event::Arrive(to) => {
                if let Some(parcel) = under_way[to].take() {
                    model.hears(to, &parcel.notification, true);
                    world.settle(TARGETS[to], parcel.ticket, &Ok(()));
                }
            }
            Event::Fail(to) => {
                if let Some(parcel) = under_way[to].take() {
                    world.settle(TARGETS[to], parcel.ticket, &retry(None));
                }
            }
            Event::Refuse(to) => {
                if let Some(parcel) = under_way[to].take() {
                    model.refuses(to, &parcel.notification);
                    world.settle(TARGETS[to], parcel.ticket, &refuse());
                }
            }
            Event::Kill { arrived } => {
                for (to, parcel) in under_way.iter_mut().enumerate() {
                    if let Some(parcel) = parcel.take().filter(|_| arrived) {
                        model.hears(to, &parcel.notification, false);
                    }
                }
                world.restart();
                world.serve(&targets());
            }
            Event::Restart => {
                under_way = [None, None];
                world.restart();
                world.serve(&targets());
            }
        }
    }
    under_way = [None, None];
    world.restart();
    world.serve(&targets());
    for (to, name) in TARGETS.iter().enumerate() {
        while let Some(parcel) = world.next(name) {
            model.hears(to, &parcel.notification, true);
            world.settle(name, parcel.ticket, &Ok(()));
        }
        assert_eq!((world.outbox.len(&target(name)), world.queue_length(name)), (0, 0.0));
    }
    drop(under_way);
    let mut believed = 0;
    for (about, decided) in &model.decided {
        let last_word = *decided.last().unwrap();
        let believes = model.believes.get(about).copied().unwrap_or(false);
        if !refusals {
            let heard = model.heard[about].last().unwrap();
            assert_eq!(heard.1, last_word.1, "{about:?} was told last what was decided last");
            assert_eq!(believes, last_word.1 == Firing);
        }
        let in_outbox = world.outbox.believed_firing(&target(TARGETS[about.0]), &about.1);
        assert_eq!(in_outbox.iter().any(|alert| alert.name() == about.2), believes, "{about:?}");
        believed += usize::from(believes);
    }
    let remembered: usize = TARGETS.iter().map(|name| world.outbox.alerts_remembered(name)).sum();
    assert_eq!(remembered, believed, "nothing else is remembered");
    let texts = world.records.0.keys().filter(|key| !key.ends_with("group")).count();
    assert_eq!(texts, believed, "or on disk");
}

proptest! {
    #[test]
    fn the_last_word_heard_is_the_last_word_decided(events in events(false)) {
        check(events, false);
    }

    #[test]
    fn with_refusals_nothing_is_stuck_and_nothing_forgotten_that_is_believed(events in events(true)) {
        check(events, true);
    }
}
