//! The whole engine before receivers that fail: what is delivered, tried again, dropped, and told twice.

use std::fmt;
use std::time::Duration;

use tower_watch::Watch;
use tower_watch::alert::receivers::Webhook;
use tower_watch::alert::{Alert, AlertSettings};
use tower_watch::layers::clock::{Clock, FakeClock};

use crate::peer::{Answer, Peer};

/// What became of one alert that fired, and was over.
#[derive(Default, PartialEq, Eq)]
struct Counts {
    delivered: usize,
    retried: usize,
    refused: usize,
    /// Requests that the receiver has read, whatever it made of them.
    heard: usize,
    /// Those that told of a firing, and of an end.
    firing: usize,
    resolved: usize,
}

impl fmt::Debug for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { delivered, retried, refused, heard, firing, resolved } = self;
        write!(
            f,
            "{delivered} delivered, {retried} retried, {refused} refused; heard {heard}: {firing} firing, {resolved} resolved"
        )
    }
}

struct World {
    watch: Watch,
    hand: FakeClock,
    counts: Counts,
}

impl World {
    fn new(peer: &Peer) -> Self {
        let (clock, hand) = Clock::fake();
        let settings = AlertSettings::new()
            .receiver("hook", Webhook::to(peer.url("/hook")))
            .notification_timeout(Duration::from_millis(250));
        let builder = Watch::builder("shop").local().without_admin().clock(clock).instance("a");
        Self { watch: builder.alerts(settings).start().unwrap(), hand, counts: Counts::default() }
    }

    async fn pass(&mut self, minutes: u64) {
        for _ in 0..minutes * 12 {
            self.hand.advance(Duration::from_secs(5));
            self.watch.tick();
            self.watch.alerts().tick();
            let came_out = self.watch.alerts().deliver().await;
            self.counts.delivered += came_out.delivered;
            self.counts.retried += came_out.retried;
            self.counts.refused += came_out.refused;
        }
    }
}

/// An alert fires for ten minutes, before a receiver that answers its first requests with `first` and then with `then`.
async fn counts(first: Vec<Answer>, then: Answer) -> Counts {
    let peer = Peer::in_turn(first, then).await;
    let mut world = World::new(&peer);
    let alert = Alert::new("Down");
    world.watch.alerts().raise(alert.clone());
    world.pass(10).await;
    world.watch.alerts().resolve(&alert.labels);
    world.pass(15).await;
    let mut counts = std::mem::take(&mut world.counts);
    for asked in peer.asked() {
        counts.heard += 1;
        match asked.json()["status"].as_str() {
            Some("firing") => counts.firing += 1,
            _ => counts.resolved += 1,
        }
    }
    counts
}

#[tokio::test]
async fn nothing_is_lost_and_what_was_not_acknowledged_is_told_again() {
    let ok = || Answer::http("200 OK", "", "");
    let twice = |answer: Answer| vec![answer.clone(), answer];
    let rate = Answer::http("429 Slow", "retry-after: 60\r\n", "");
    let bad = || Answer::http("400 Bad Request", "", "");
    let missing = || Answer::http("404 Not Found", "", "");
    let table = [
        ("200", vec![], ok(), "2 delivered, 0 retried, 0 refused; heard 2: 1 firing, 1 resolved"),
        ("429 twice", twice(rate), ok(), "2 delivered, 2 retried, 0 refused; heard 4: 3 firing, 1 resolved"),
        (
            "500 twice",
            twice(Answer::http("500 Oops", "", "")),
            ok(),
            "2 delivered, 2 retried, 0 refused; heard 4: 3 firing, 1 resolved",
        ),
        (
            "hang twice",
            twice(Answer::Hang),
            ok(),
            "2 delivered, 2 retried, 0 refused; heard 4: 3 firing, 1 resolved",
        ),
        (
            "close twice",
            twice(Answer::Close),
            ok(),
            "2 delivered, 2 retried, 0 refused; heard 2: 1 firing, 1 resolved",
        ),
        (
            "garbage twice",
            twice(Answer::Bytes(b"garbage\r\n\r\n".to_vec())),
            ok(),
            "2 delivered, 2 retried, 0 refused; heard 4: 3 firing, 1 resolved",
        ),
        ("400 once", vec![bad()], ok(), "1 delivered, 0 retried, 1 refused; heard 2: 1 firing, 1 resolved"),
        ("400 always", vec![], bad(), "0 delivered, 0 retried, 2 refused; heard 2: 1 firing, 1 resolved"),
        ("404 always", vec![], missing(), "0 delivered, 0 retried, 2 refused; heard 2: 1 firing, 1 resolved"),
    ];
    let mut wrong = Vec::new();
    for (name, first, then, expected) in table {
        let counted = format!("{:?}", counts(first, then).await);
        if counted != expected {
            wrong.push(format!("{name}: {counted}; expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
