use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use super::{Delivered, Desk, Workers, deliver_due};
use crate::alert::notify::outbox::{Group, Outbox, Target};
use crate::alert::notify::{Notice, Notification, Reason};
use crate::alert::receivers::{Delivery, Receiver, SendError};
use crate::alert::state::Writes;
use crate::alert::{Alert, Status};
use crate::registers::Registers;
use crate::series::Labels;

const LIMIT: Duration = Duration::from_secs(10);

/// A desk whose time is tokio's, which stands still.
struct TestDesk {
    began: Instant,
    outbox: Mutex<Outbox>,
    registers: Registers,
}

impl Desk for TestDesk {
    fn now(&self) -> i64 {
        self.began.elapsed().as_millis() as i64
    }

    fn with_outbox<T>(&self, work: impl FnOnce(&mut Outbox, &mut Writes) -> T) -> T {
        work(&mut self.outbox.lock().unwrap(), &mut Writes::new())
    }
}

impl TestDesk {
    #[expect(clippy::disallowed_methods, reason = "the paused time of tokio is what these tests are about")]
    fn new() -> Arc<Self> {
        let (outbox, registers) = (Mutex::default(), Registers::new());
        Arc::new(Self { began: Instant::now(), outbox, registers })
    }

    fn serve(&self, targets: &[(Target, Arc<dyn Receiver>)]) {
        self.with_outbox(|outbox, writes| outbox.serve(targets, &self.registers, writes));
    }

    fn owe(&self, to: &Target, group: &str, alert: &str, status: Status) {
        let group = Group { key: group.into(), labels: Labels::default(), receiver: "team".into() };
        let notice = Notice { alert: Arc::new(Alert::new(alert)), status };
        self.with_outbox(|outbox, writes| outbox.owe(to, &group, vec![notice], Reason::News, writes));
    }

    fn owed(&self, to: &Target) -> usize {
        self.with_outbox(|outbox, _| outbox.len(to))
    }

    /// Delivered, retried and refused notifications of a target, and how many of these attempts were not the first.
    fn counts(&self, of: &Target) -> [u64; 4] {
        let (snapshot, receiver) = (self.registers.snapshot(), ("receiver", &*of.0));
        let total =
            |outcome| snapshot.counter("tower_watch_notifications_total", &[receiver, ("outcome", outcome)]);
        let retries = snapshot.counter("tower_watch_notification_retries_total", &[receiver]);
        [total("delivered"), total("retried"), total("refused"), retries]
    }
}

/// What a receiver does with a message.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Take,
    TakeAfter(Duration),
    Later(Option<Duration>),
    Refuse,
    Hang,
    PanicAtOnce,
    PanicLater,
    PanicWhenDropped,
}

/// Gives its answers one after the other, the last one again and again, and notes what it was told and when.
struct Scripted {
    began: Instant,
    answers: Mutex<VecDeque<Answer>>,
    told: Mutex<Vec<(u128, String)>>,
    pace: Option<Duration>,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

impl Scripted {
    #[expect(clippy::disallowed_methods, reason = "the paused time of tokio is what these tests are about")]
    fn new(answers: &[Answer]) -> Arc<Self> {
        let answers = Mutex::new(answers.iter().copied().collect());
        Arc::new(Self { began: Instant::now(), answers, told: Mutex::default(), pace: None })
    }

    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().iter().map(|(_, text)| text.clone()).collect()
    }

    /// In milliseconds since its beginning.
    fn times(&self) -> Vec<u128> {
        self.told.lock().unwrap().iter().map(|(time, _)| *time).collect()
    }
}

struct Explosive;

impl Drop for Explosive {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

impl Receiver for Scripted {
    fn kind(&self) -> &'static str {
        "scripted"
    }

    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        let notices = notification.alerts.iter();
        let text: Vec<_> =
            notices.map(|notice| format!("{} {}", notice.alert.name(), notice.status)).collect();
        self.told.lock().unwrap().push((self.began.elapsed().as_millis(), text.join(", ")));
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().copied() };
        drop(answers);
        let answer = answer.unwrap_or(Answer::Take);
        if matches!(answer, Answer::PanicAtOnce) {
            panic!("at once");
        }
        Box::pin(async move {
            match answer {
                Answer::Take => Ok(()),
                Answer::TakeAfter(time) => {
                    sleep(time).await;
                    Ok(())
                }
                Answer::Later(after) => Err(SendError::Retry { reason: "later".into(), after }),
                Answer::Refuse => Err(SendError::Refused { reason: "no".into() }),
                Answer::Hang => pending().await,
                Answer::PanicAtOnce | Answer::PanicLater => {
                    sleep(Duration::from_millis(1)).await;
                    panic!("later")
                }
                Answer::PanicWhenDropped => {
                    let _explosive = Explosive;
                    pending().await
                }
            }
        })
    }

    fn pace(&self) -> Option<Duration> {
        self.pace
    }
}

fn target(name: &str) -> Target {
    Target(name.into())
}

fn of(name: &str, receiver: &Arc<Scripted>) -> (Target, Arc<dyn Receiver>) {
    (target(name), Arc::clone(receiver) as Arc<dyn Receiver>)
}

/// A desk and its workers, serving one receiver with these answers.
fn one(answers: &[Answer]) -> (Arc<TestDesk>, Workers<TestDesk>, Arc<Scripted>) {
    let (desk, receiver) = (TestDesk::new(), Scripted::new(answers));
    let targets = [of("t", &receiver)];
    desk.serve(&targets);
    let workers = Workers::new(Arc::clone(&desk), Handle::current(), LIMIT);
    workers.serve(&targets);
    (desk, workers, receiver)
}

use Status::{Firing, Resolved};

#[tokio::test(start_paused = true)]
async fn what_comes_to_be_owed_is_sent_when_the_bell_rings() {
    let (desk, workers, receiver) = one(&[Answer::Take]);
    sleep(Duration::from_secs(100)).await;
    desk.owe(&target("t"), "g", "A", Firing);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(receiver.told(), [""; 0], "nobody rang");
    workers.wake();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(receiver.told(), ["A firing"]);
    assert_eq!(desk.counts(&target("t")), [1, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_arrive_is_tried_again_with_growing_waits_until_it_does() {
    let mut answers = [Answer::Later(None); 15];
    answers[14] = Answer::Take;
    let (desk, workers, receiver) = one(&answers);
    desk.owe(&target("t"), "g", "A", Firing);
    workers.wake();
    sleep(Duration::from_secs(3 * 3_600)).await;
    assert_eq!(desk.counts(&target("t")), [1, 14, 0, 14]);
    let times = receiver.times();
    let waits: Vec<u128> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (attempt, wait) in waits.iter().enumerate() {
        let longest = (2_000u128 << attempt).min(300_000);
        assert!((longest / 2..=longest + 2).contains(wait), "{attempt}: {waits:?}");
    }
    assert_eq!(desk.owed(&target("t")), 0);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_says_when_is_asked_then() {
    let later = Answer::Later(Some(Duration::from_secs(77)));
    let (desk, workers, receiver) =
        one(&[later, Answer::Later(Some(Duration::from_secs(90_000))), Answer::Take]);
    desk.owe(&target("t"), "g", "A", Firing);
    workers.wake();
    sleep(Duration::from_secs(4_000)).await;
    let times = receiver.times();
    assert_eq!((times[1] - times[0]) / 1_000, 77);
    assert_eq!((times[2] - times[1]) / 1_000, 3_600, "but within an hour");
    assert_eq!(times.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_not_sent_again_and_the_next_message_is() {
    let (desk, workers, receiver) = one(&[Answer::Refuse, Answer::Take]);
    desk.owe(&target("t"), "g", "A", Firing);
    desk.owe(&target("t"), "h", "B", Firing);
    workers.wake();
    sleep(Duration::from_secs(3_600)).await;
    assert_eq!(receiver.told(), ["A firing", "B firing"]);
    assert_eq!((desk.counts(&target("t")), desk.owed(&target("t"))), ([1, 0, 1, 0], 0));
}

#[tokio::test(start_paused = true)]
async fn who_hangs_panics_or_takes_its_time_delays_no_other() {
    let desk = TestDesk::new();
    let slow = [
        Answer::Hang,
        Answer::PanicAtOnce,
        Answer::PanicLater,
        Answer::PanicWhenDropped,
        Answer::TakeAfter(Duration::from_secs(9)),
    ];
    let receivers: Vec<Arc<Scripted>> =
        slow.iter().map(|answer| Scripted::new(&[*answer, Answer::Take])).collect();
    let good = Scripted::new(&[Answer::Take]);
    let named =
        receivers.iter().enumerate().map(|(number, receiver)| of(&format!("slow-{number}"), receiver));
    let targets: Vec<_> = named.chain([of("good", &good)]).collect();
    desk.serve(&targets);
    let workers = Workers::new(Arc::clone(&desk), Handle::current(), LIMIT);
    workers.serve(&targets);
    for (to, _) in &targets {
        desk.owe(to, "g", "A", Firing);
        desk.owe(to, "g", "A", Resolved);
    }
    workers.wake();
    sleep(Duration::from_millis(10)).await;
    assert_eq!(good.told(), ["A firing", "A resolved"]);
    sleep(Duration::from_secs(60)).await;
    for (number, receiver) in receivers.iter().enumerate() {
        let to = target(&format!("slow-{number}"));
        let takes = matches!(slow[number], Answer::TakeAfter(_));
        let expected: &[&str] =
            if takes { &["A firing", "A resolved"] } else { &["A firing", "A firing", "A resolved"] };
        assert_eq!(receiver.told(), expected, "{:?}", slow[number]);
        assert_eq!(desk.counts(&to), if takes { [2, 0, 0, 0] } else { [2, 1, 0, 1] });
    }
    let series = desk.registers.snapshot();
    let hung = series.histogram("tower_watch_notification_duration_seconds", &[("receiver", "slow-0")]);
    assert_eq!((hung.count, hung.sum), (3, 10.0), "the time that it was given, and no more");
}

#[tokio::test(start_paused = true)]
async fn a_resolve_that_comes_while_the_firing_is_under_way_follows_it() {
    let (desk, workers, receiver) = one(&[Answer::TakeAfter(Duration::from_secs(5))]);
    desk.owe(&target("t"), "g", "A", Firing);
    workers.wake();
    sleep(Duration::from_secs(1)).await;
    desk.owe(&target("t"), "g", "A", Resolved);
    workers.wake();
    sleep(Duration::from_secs(20)).await;
    assert_eq!(receiver.told(), ["A firing", "A resolved"]);
}

#[tokio::test(start_paused = true)]
async fn a_pace_is_kept() {
    let desk = TestDesk::new();
    let began = Scripted::new(&[]);
    let receiver = Arc::new(Scripted {
        began: began.began,
        answers: Mutex::new([Answer::TakeAfter(Duration::from_millis(300))].into()),
        told: Mutex::default(),
        pace: Some(Duration::from_secs(1)),
    });
    let targets = [of("t", &receiver)];
    desk.serve(&targets);
    let workers = Workers::new(Arc::clone(&desk), Handle::current(), LIMIT);
    workers.serve(&targets);
    for group in ["g", "h", "i", "j"] {
        desk.owe(&target("t"), group, "A", Firing);
    }
    workers.wake();
    sleep(Duration::from_secs(10)).await;
    let times = receiver.times();
    assert_eq!(times.len(), 4);
    assert!(times.windows(2).all(|pair| (1_000..1_010).contains(&(pair[1] - pair[0]))), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reload_replaces_receivers_and_ends_the_tasks_of_those_that_are_gone() {
    let (desk, workers, first) = one(&[Answer::Later(Some(Duration::from_secs(60)))]);
    desk.owe(&target("t"), "g", "A", Firing);
    workers.wake();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(first.told().len(), 1);
    let (second, other) = (Scripted::new(&[Answer::Take]), Scripted::new(&[Answer::Take]));
    let targets = [of("t", &second), of("u", &other)];
    desk.serve(&targets);
    workers.serve(&targets);
    desk.owe(&target("u"), "g", "A", Firing);
    workers.wake();
    sleep(Duration::from_secs(100)).await;
    assert_eq!((first.told().len(), second.told().len(), other.told().len()), (1, 1, 1));

    desk.serve(&targets[1..]);
    workers.serve(&targets[1..]);
    desk.owe(&target("t"), "g", "B", Firing);
    workers.wake();
    sleep(Duration::from_secs(100)).await;
    assert_eq!(second.told().len(), 1, "it is served no more");
    assert_eq!(workers.tasks().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn at_the_end_what_is_due_is_sent_and_who_hangs_is_left() {
    let desk = TestDesk::new();
    let good = Scripted::new(&[Answer::TakeAfter(Duration::from_secs(1))]);
    let failing = Scripted::new(&[Answer::Later(Some(Duration::from_secs(600)))]);
    let hanging = Scripted::new(&[Answer::Hang]);
    let targets = [of("good", &good), of("failing", &failing), of("hanging", &hanging)];
    desk.serve(&targets);
    let workers = Workers::new(Arc::clone(&desk), Handle::current(), LIMIT);
    workers.serve(&targets);
    for (to, _) in &targets {
        desk.owe(to, "g", "A", Firing);
        desk.owe(to, "h", "B", Firing);
    }
    assert!(!workers.finish(Duration::from_secs(5)).await);
    assert_eq!(good.told(), ["A firing", "B firing"]);
    assert_eq!(desk.now() / 1_000, 5, "not longer than the grace");
    assert_eq!(failing.told(), ["A firing"]);
    assert_eq!([desk.owed(&target("failing")), desk.owed(&target("hanging"))], [2, 2]);
    sleep(Duration::from_secs(3_600)).await;
    assert_eq!(failing.told(), ["A firing"], "nobody is at work any more");
    let due = desk.with_outbox(|outbox, _| outbox.due(&target("hanging")));
    assert!(due.is_some(), "what was under way was given back");
}

#[tokio::test(start_paused = true)]
async fn an_end_with_nothing_due_is_at_once() {
    let (desk, workers, _receiver) = one(&[Answer::Take]);
    assert!(workers.finish(Duration::from_secs(5)).await);
    assert_eq!(desk.now(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_due_now_is_sent_once_to_all_at_the_same_time() {
    let desk = TestDesk::new();
    let second = Duration::from_secs(1);
    let receivers = [
        Scripted::new(&[Answer::TakeAfter(second)]),
        Scripted::new(&[Answer::Later(Some(600 * second))]),
        Scripted::new(&[Answer::Refuse, Answer::Take]),
    ];
    let names = ["slow", "failing", "refusing"];
    let targets: Vec<_> = names.iter().zip(&receivers).map(|(name, receiver)| of(name, receiver)).collect();
    desk.serve(&targets);
    for (to, _) in &targets {
        desk.owe(to, "g", "A", Firing);
        desk.owe(to, "h", "B", Firing);
    }
    let delivered = deliver_due(&desk, &targets, LIMIT).await;
    assert_eq!(delivered, Delivered { delivered: 3, retried: 1, refused: 1 });
    assert_eq!(desk.now(), 2_000, "two messages to one of them, one after the other");
    assert_eq!(deliver_due(&desk, &targets, LIMIT).await, Delivered::default());
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_is_given_up_gives_its_message_back() {
    let (desk, receiver) = (TestDesk::new(), Scripted::new(&[Answer::Hang, Answer::Take]));
    let targets = [of("t", &receiver)];
    desk.serve(&targets);
    desk.owe(&target("t"), "g", "A", Firing);
    let given_up = tokio::time::timeout(Duration::from_secs(1), deliver_due(&desk, &targets, LIMIT)).await;
    assert!(given_up.is_err());
    tokio::task::yield_now().await;
    assert_eq!(deliver_due(&desk, &targets, LIMIT).await.delivered, 1);
}

/// How a hundred messages come out at each kind of receiver.
#[tokio::test(start_paused = true)]
async fn each_kind_of_fault_has_its_counts() {
    const MESSAGES: usize = 100;
    let kinds: [(&str, &[Answer], [u64; 4]); 6] = [
        ("takes", &[Answer::Take], [100, 0, 0, 0]),
        ("refuses", &[Answer::Refuse], [0, 0, 100, 0]),
        ("refuses the first", &[Answer::Refuse, Answer::Take], [99, 0, 1, 0]),
        ("says when", &[Answer::Later(Some(Duration::from_secs(30))), Answer::Take], [100, 1, 0, 1]),
        (
            "fails three times",
            &[Answer::Later(None), Answer::PanicLater, Answer::Hang, Answer::Take],
            [100, 3, 0, 3],
        ),
        ("is slow", &[Answer::TakeAfter(Duration::from_millis(9_999))], [100, 0, 0, 0]),
    ];
    let desk = TestDesk::new();
    let receivers: Vec<Arc<Scripted>> = kinds.iter().map(|(_, answers, _)| Scripted::new(answers)).collect();
    let targets: Vec<_> =
        kinds.iter().zip(&receivers).map(|((name, ..), receiver)| of(name, receiver)).collect();
    desk.serve(&targets);
    let workers = Workers::new(Arc::clone(&desk), Handle::current(), LIMIT);
    workers.serve(&targets);
    for (to, _) in &targets {
        (0..MESSAGES).for_each(|group| desk.owe(to, &format!("g{group}"), "A", Firing));
    }
    workers.wake();
    sleep(Duration::from_secs(2_000)).await;
    let counts: HashMap<&str, [u64; 4]> =
        kinds.iter().map(|(name, ..)| (*name, desk.counts(&target(name)))).collect();
    for (name, _, expected) in kinds {
        assert_eq!(counts[name], expected, "{name}");
        assert_eq!(desk.owed(&target(name)), 0, "{name}");
    }
}
