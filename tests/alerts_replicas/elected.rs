//! Two or three watches of one service that elect their sender in memory, in a test's time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_watch::Watch;
use tower_watch::alert::election::{
    Change, Election, LEASE, MemoryElection, Replicas, Round, STEP, Seat, Step,
};
use tower_watch::alert::notify::Notification;
use tower_watch::alert::receivers::Closure;
use tower_watch::alert::{Alert, AlertSettings, Silence};
use tower_watch::series::Matcher;
use tower_watch::testing::{Clock, FakeClock};

/// Every message that went out, as `STATUS name name`, whoever sent it.
type Sent = Arc<Mutex<Vec<String>>>;

struct Fleet {
    clock: Clock,
    hand: FakeClock,
    election: MemoryElection,
    sent: Sent,
}

impl Fleet {
    fn new() -> Self {
        let (clock, hand) = Clock::fake();
        let election = MemoryElection::with_clock(clock.clone());
        Self { clock, hand, election, sent: Sent::default() }
    }

    fn replica(&self, name: &str) -> Watch {
        self.replica_at(name, self.election.clone())
    }

    fn replica_at(&self, name: &str, election: impl Election) -> Watch {
        let (sent, own) = (Arc::clone(&self.sent), name.to_owned());
        let receiver = Closure::new(move |notification: &Notification| {
            assert_eq!(notification.instance, None, "keys must be the same whoever sends");
            let mut told: Vec<String> =
                notification.alerts.iter().map(|notice| notice.alert.name().to_owned()).collect();
            told.sort();
            let line = format!("{own}: {} {}", notification.status(), told.join(" "));
            sent.lock().unwrap().push(line);
        });
        let settings = AlertSettings::new().receiver("ops", receiver).replicas(Replicas::elected(election));
        Watch::builder("shop")
            .local()
            .clock(self.clock.clone())
            .instance(name)
            .alerts(settings)
            .start()
            .unwrap()
    }

    /// Lets everybody work for so long.
    async fn pass(&self, time: Duration, watches: &[&Watch]) {
        let mut left = time;
        while !left.is_zero() {
            let step = left.min(STEP);
            self.hand.advance(step);
            left -= step;
            for watch in watches {
                watch.alerts().tick();
                watch.alerts().deliver().await;
            }
        }
    }

    fn sent(&self) -> Vec<String> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

#[tokio::test]
async fn what_all_see_is_said_once_and_what_one_sees_is_said_too() {
    let fleet = Fleet::new();
    let (a, b, c) = (fleet.replica("a"), fleet.replica("b"), fleet.replica("c"));
    let all = [&a, &b, &c];
    fleet.pass(STEP, &all).await;
    for watch in all {
        watch.alerts().raise(Alert::new("EverywhereDown"));
    }
    c.alerts().raise(Alert::new("OnlyAtC"));
    fleet.pass(minutes(1), &all).await;
    assert_eq!(fleet.sent(), ["a: firing EverywhereDown OnlyAtC"]);

    // What is over at one of them and fires at others is not over.
    let labels = a.alerts().active()[0].labels.clone();
    a.alerts().resolve(&labels);
    b.alerts().resolve(&labels);
    fleet.pass(minutes(10), &all).await;
    assert_eq!(fleet.sent(), [""; 0]);
    c.alerts().resolve(&labels);
    fleet.pass(minutes(10), &all).await;
    assert_eq!(fleet.sent(), ["a: firing EverywhereDown OnlyAtC"]);
    c.alerts().resolve(&c.alerts().active()[0].labels);
    fleet.pass(minutes(10), &all).await;
    assert_eq!(fleet.sent(), ["a: resolved OnlyAtC"]);
}

#[tokio::test]
async fn another_goes_on_where_the_sender_was_killed() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.replica("a"), fleet.replica("b"));
    fleet.pass(STEP, &[&a, &b]).await;
    for watch in [&a, &b] {
        watch.alerts().raise(Alert::new("Both"));
    }
    a.alerts().raise(Alert::new("OnlyAtA"));
    fleet.pass(minutes(1), &[&a, &b]).await;
    assert_eq!(fleet.sent(), ["a: firing Both OnlyAtA"]);

    // Killed: it says nothing any more. A new one fires before anybody else is elected.
    b.alerts().raise(Alert::new("New"));
    fleet.pass(LEASE - STEP, &[&b]).await;
    assert_eq!(fleet.sent(), [""; 0]);
    fleet.pass(minutes(6), &[&b]).await;
    // What the dead one alone saw is over; what both saw goes on.
    assert_eq!(fleet.sent(), ["b: resolved OnlyAtA", "b: firing Both New"]);
    for alert in b.alerts().active() {
        b.alerts().resolve(&alert.labels);
    }
    fleet.pass(minutes(6), &[&b]).await;
    assert_eq!(fleet.sent(), ["b: resolved Both New"]);

    // The old one comes back, as one of many.
    let a = fleet.replica("a");
    a.alerts().raise(Alert::new("Again"));
    fleet.pass(minutes(6), &[&a, &b]).await;
    assert_eq!(fleet.sent(), ["b: firing Again"]);
    // Who leaves makes room at once.
    b.shutdown().await;
    a.alerts().raise(Alert::new("Later"));
    fleet.pass(minutes(6), &[&a]).await;
    assert_eq!(fleet.sent(), ["a: firing Again Later"]);
}

/// A place that can lose its memory, as a cache without a disk does when it is started again.
#[derive(Clone, Debug)]
struct Forgetful {
    clock: Clock,
    now: Arc<Mutex<MemoryElection>>,
}

impl Forgetful {
    fn now(&self) -> MemoryElection {
        self.now.lock().unwrap().clone()
    }
}

impl Election for Forgetful {
    fn step<'a>(&'a self, seat: &'a Seat, said: &'a [u8]) -> Step<'a, Round> {
        Box::pin(async move { self.now().step(seat, said).await })
    }

    fn remember<'a>(&'a self, seat: &'a Seat, changes: &'a [Change]) -> Step<'a, ()> {
        Box::pin(async move { self.now().remember(seat, changes).await })
    }

    fn remembered<'a>(&'a self, seat: &'a Seat) -> Step<'a, Vec<(String, Vec<u8>)>> {
        Box::pin(async move { self.now().remembered(seat).await })
    }

    fn leave<'a>(&'a self, seat: &'a Seat) -> Step<'a, ()> {
        Box::pin(async move { self.now().leave(seat).await })
    }
}

#[tokio::test]
async fn a_place_that_lost_its_memory_is_told_again() {
    let fleet = Fleet::new();
    let place = Forgetful { clock: fleet.clock.clone(), now: Arc::new(Mutex::new(fleet.election.clone())) };
    let (a, b) = (fleet.replica_at("a", place.clone()), fleet.replica_at("b", place.clone()));
    fleet.pass(STEP, &[&a, &b]).await;
    a.alerts().raise(Alert::new("Down"));
    fleet.pass(minutes(1), &[&a, &b]).await;
    assert_eq!(fleet.sent(), ["a: firing Down"]);
    *place.now.lock().unwrap() = MemoryElection::with_clock(place.clock.clone());
    fleet.pass(minutes(1), &[&a, &b]).await;
    // Killed: whoever is elected next knows what the receiver was told, so that it can tell the end.
    drop(a);
    fleet.pass(minutes(6), &[&b]).await;
    assert_eq!(fleet.sent(), ["b: resolved Down"]);
}

#[tokio::test]
async fn who_was_paused_goes_on_where_the_other_one_left() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.replica("a"), fleet.replica("b"));
    fleet.pass(STEP, &[&a, &b]).await;
    for watch in [&a, &b] {
        watch.alerts().raise(Alert::new("Both"));
    }
    fleet.pass(minutes(1), &[&a, &b]).await;
    assert_eq!(fleet.sent(), ["a: firing Both"]);
    // The first is stopped; the other one is elected, tells of something, and is killed.
    b.alerts().raise(Alert::new("Between"));
    fleet.pass(minutes(6), &[&b]).await;
    assert_eq!(fleet.sent(), ["b: firing Between Both"]);
    drop(b);
    fleet.pass(LEASE, &[]).await;
    // Woken, it finds the place free, and must not take itself for the sender that it was.
    fleet.pass(minutes(6), &[&a]).await;
    assert_eq!(fleet.sent(), ["a: resolved Between"]);
}

#[tokio::test]
async fn two_processes_of_one_name_are_two() {
    let fleet = Fleet::new();
    let (one, other) = (fleet.replica("a"), fleet.replica("a"));
    fleet.pass(STEP, &[&one, &other]).await;
    one.alerts().raise(Alert::new("Down"));
    other.alerts().raise(Alert::new("Down"));
    fleet.pass(minutes(1), &[&one, &other]).await;
    assert_eq!(fleet.sent(), ["a: firing Down"]);
}

#[tokio::test]
async fn the_audit_log_outlives_an_election() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.replica("a"), fleet.replica("b"));
    fleet.pass(STEP, &[&a, &b]).await;
    b.alerts().reload().unwrap();
    drop(a);
    fleet.pass(LEASE * 2, &[&b]).await;
    let audit = b.alerts().audit();
    assert!(audit.iter().any(|entry| entry.what == "reloaded"), "{audit:?}");
}

#[tokio::test]
async fn a_silence_that_is_ended_where_it_was_made_is_over_for_all() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.replica("a"), fleet.replica("b"));
    fleet.pass(STEP, &[&a, &b]).await;
    let now = b.now().unwrap();
    let matcher = Matcher::equal("alertname", "Quiet");
    let silence = Silence::new(vec![matcher], now, now + 86_400_000, "ada", "");
    let id = b.alerts().silence(silence).unwrap();
    fleet.pass(STEP, &[&a, &b]).await;
    a.alerts().raise(Alert::new("Quiet"));
    fleet.pass(minutes(6), &[&a, &b]).await;
    assert_eq!(fleet.sent(), [""; 0]);
    b.alerts().expire_silence(&id, "ada").unwrap();
    fleet.pass(minutes(6), &[&a, &b]).await;
    assert_eq!(fleet.sent(), ["a: firing Quiet"]);
}
