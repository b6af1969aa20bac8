//! Collectors, on tokio's paused time: a sleep takes no time, and everything happens in its order.

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use metrics::{counter, gauge};
use tokio::runtime::Runtime;
use tokio::time::sleep;
use tower_watch::testing::Clock;
use tower_watch::watch::{CollectError, Schedule};
use tower_watch::{Preset, Watch};

use crate::watched::{START, Watched, values};

const EVERY: Duration = Duration::from_secs(10);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn runs(watch: &Watch, collector: &str) -> u64 {
    watch.snapshot().counter("tower_watch_collector_runs_total", &[("collector", collector)])
}

/// Failures by error, panic and timeout.
fn failures(watch: &Watch, collector: &str) -> [u64; 3] {
    ["error", "panic", "timeout"].map(|reason| {
        let labels = [("collector", collector), ("reason", reason)];
        watch.snapshot().counter("tower_watch_collector_failures_total", &labels)
    })
}

fn watch() -> Watch {
    Watch::builder("shop").local().without_store().start().unwrap()
}

#[tokio::test(start_paused = true)]
async fn it_runs_at_once_and_then_on_each_beat_and_reaches_its_own_watch() {
    let shop = Watched::start();
    let (hand, mut length) = (shop.clock.clone(), 0.0);
    let queue = shop.watch.collect("queue", EVERY, move || {
        length += 1.0;
        // Before a wait and behind it.
        gauge!("queue_length").set(length);
        let hand = hand.clone();
        async move {
            tokio::task::yield_now().await;
            hand.advance(seconds(2));
            counter!("queue_looks_total").increment(1);
        }
    });
    assert_eq!(queue.unwrap().name(), "queue");
    assert_eq!(runs(&shop.watch, "queue"), 0, "not on the caller's time");
    sleep(seconds(1)).await;
    assert_eq!(runs(&shop.watch, "queue"), 1);
    sleep(seconds(20)).await;

    let numbers = shop.watch.snapshot();
    assert_eq!((runs(&shop.watch, "queue"), failures(&shop.watch, "queue")), (3, [0; 3]));
    assert_eq!(numbers.gauge("queue_length", &[]), 3.0);
    assert_eq!(numbers.counter("queue_looks_total", &[]), 3);
    let of = [("collector", "queue")];
    assert_eq!(numbers.gauge("tower_watch_collector_duration_seconds", &of), 2.0);
    let success = numbers.gauge("tower_watch_collector_last_success_timestamp_seconds", &of);
    assert_eq!(success, START as f64 / 1_000.0 + 6.0);

    // And so it has a past.
    assert!(shop.watch.tick().is_some());
    assert_eq!(values(&shop.watch.query("queue_length").await.unwrap()), [3.0]);
}

#[tokio::test(start_paused = true)]
async fn it_fails_in_every_way_and_goes_on() {
    let watch = watch();
    let mut run = 0;
    watch
        .collect("pool", EVERY, move || {
            run += 1;
            assert!(run != 2, "before the future");
            async move {
                match run {
                    1 => Err(io::Error::other("no route")),
                    3 => panic!("in the future"),
                    4 => pending().await,
                    _ => Ok(()),
                }
            }
        })
        .unwrap();
    // The fourth run begins at 30 s and is given up at 40 s, so the fifth comes with the beat behind that.
    let mut now = 0;
    for (at, ended, failed) in [
        (1, 1, [1, 0, 0]),
        (11, 2, [1, 1, 0]),
        (21, 3, [1, 2, 0]),
        (39, 3, [1, 2, 0]),
        (41, 4, [1, 2, 1]),
        (51, 5, [1, 2, 1]),
    ] {
        sleep(seconds(at - now)).await;
        now = at;
        assert_eq!((runs(&watch, "pool"), failures(&watch, "pool")), (ended, failed), "after {at} s");
        let success = watch.snapshot().gauge("tower_watch_collector_last_success_timestamp_seconds", &[]);
        assert_eq!(success > 0.0, at == 51, "after {at} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_the_interval_or_30_seconds_or_what_was_said() {
    assert_eq!(Schedule::every(EVERY), EVERY.into());
    let watch = watch();
    let stuck = pending::<()>;
    watch.collect("short", seconds(4), stuck).unwrap();
    watch.collect("long", seconds(3_600), stuck).unwrap();
    watch.collect("said", Schedule::every(seconds(3_600)).with_timeout(seconds(50)), stuck).unwrap();
    let timeouts = || ["short", "long", "said"].map(|name| failures(&watch, name)[2]);
    sleep(Duration::from_millis(3_900)).await;
    assert_eq!(timeouts(), [0, 0, 0]);
    sleep(Duration::from_millis(200)).await;
    assert_eq!(timeouts(), [1, 0, 0]);
    sleep(seconds(25)).await;
    assert_eq!(timeouts()[1..], [0, 0]);
    sleep(seconds(2)).await;
    assert_eq!(timeouts()[1..], [1, 0]);
    sleep(seconds(20)).await;
    assert_eq!(timeouts()[1..], [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_a_run_that_is_dropped_leaves_behind_reaches_the_watch_too() {
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            counter!("dropped_total").increment(1);
            panic!("even so");
        }
    }
    let watch = watch();
    watch
        .collect("guarded", EVERY, || async {
            let _guard = Guard;
            pending::<()>().await;
        })
        .unwrap();
    sleep(seconds(31)).await;
    assert_eq!(failures(&watch, "guarded"), [0, 0, 2]);
    assert_eq!(watch.snapshot().counter("dropped_total", &[]), 2);
}

#[tokio::test(start_paused = true)]
async fn a_beat_that_comes_during_a_run_is_left_out() {
    let watch = watch();
    let slow = || sleep(seconds(25));
    watch.collect("slow", Schedule::every(EVERY).with_timeout(seconds(60)), slow).unwrap();
    // From 0 to 25, 30 to 55, 60 to 85.
    let mut now = 0;
    for (at, ended) in [(24, 0), (26, 1), (54, 1), (56, 2), (84, 2), (86, 3)] {
        sleep(seconds(at - now)).await;
        now = at;
        assert_eq!(runs(&watch, "slow"), ended, "after {at} s");
    }
}

#[tokio::test(start_paused = true)]
async fn stop_ends_it_and_frees_its_name() {
    let watch = watch();
    let held = Arc::new(());
    let hold = Arc::clone(&held);
    let collector = watch
        .collect("queue", EVERY, move || {
            let hold = Arc::clone(&hold);
            async move { drop(hold) }
        })
        .unwrap();
    sleep(seconds(1)).await;
    collector.stop();
    let other = watch.collect("queue", EVERY, async || ()).unwrap();
    sleep(seconds(1)).await;
    assert_eq!(Arc::strong_count(&held), 1, "the closure is gone");
    // The first has nothing to say about the second.
    collector.stop();
    assert!(matches!(watch.collect("queue", EVERY, async || ()), Err(CollectError::NameTaken(_))));
    other.stop();
    let ended = runs(&watch, "queue");
    sleep(seconds(60)).await;
    assert_eq!((ended, runs(&watch, "queue")), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn to_drop_the_handle_stops_nothing() {
    let watch = watch();
    drop(watch.collect("queue", EVERY, async || ()).unwrap());
    sleep(seconds(11)).await;
    assert_eq!(runs(&watch, "queue"), 2);
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_all_of_them_for_good() {
    let watch = watch();
    watch.collect("queue", EVERY, async || ()).unwrap();
    watch.collect("stuck", EVERY, pending::<()>).unwrap();
    sleep(seconds(1)).await;
    watch.shutdown().await;
    sleep(seconds(60)).await;
    assert_eq!((runs(&watch, "queue"), runs(&watch, "stuck")), (1, 0));
    let error = watch.collect("late", EVERY, async || ()).unwrap_err();
    assert_eq!(error, CollectError::ShutDown("late".into()));
}

#[tokio::test(start_paused = true)]
async fn it_does_not_hold_the_numbers() {
    for layered in [false, true] {
        let watch = watch();
        let layer = layered.then(|| watch.layer());
        let (held, looks) = (Arc::new(()), Arc::new(Mutex::new(0)));
        let (hold, look) = (Arc::clone(&held), Arc::clone(&looks));
        watch
            .collect("queue", EVERY, move || {
                let _ = &hold;
                *look.lock().unwrap() += 1;
                async {}
            })
            .unwrap();
        sleep(seconds(1)).await;
        drop(watch);
        sleep(seconds(30)).await;
        let expected = if layered { (2, 4) } else { (1, 1) };
        assert_eq!((Arc::strong_count(&held), *looks.lock().unwrap()), expected, "layered: {layered}");
        drop(layer);
        sleep(seconds(10)).await;
        assert_eq!(Arc::strong_count(&held), 1, "at the next beat nobody holds them");
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_of_the_first_failure_and_of_the_recovery() {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    // While there is a second subscriber, `tracing` asks both whether they want a callsite, and not only that of the thread that
    // meets it first, which in other tests has none.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let _default = tracing::subscriber::set_default(subscriber);

    let watch = watch();
    let mut outcomes: VecDeque<_> =
        [Ok(()), Err("no route"), Err("no host"), Ok(()), Ok(()), Err("no disk")].into();
    watch
        .collect("queue", EVERY, move || {
            let outcome = outcomes.pop_front().unwrap_or(Ok(()));
            async move { outcome }
        })
        .unwrap();
    sleep(seconds(55)).await;

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("collector=\"queue\"")).collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].contains("WARN") && lines[0].contains("no route"), "{text}");
    assert!(lines[1].contains("INFO") && lines[1].contains("failures=2"), "{text}");
    assert!(lines[2].contains("WARN") && lines[2].contains("no disk"), "{text}");
}

#[test]
fn what_cannot_be_started_says_why() {
    let watch = watch();
    let refused = |name: &str, schedule: Schedule| {
        watch.collect(name, schedule, async || ()).expect_err("refused").to_string()
    };
    let outside = refused("queue", EVERY.into());
    assert!(outside.starts_with("there is no tokio runtime here for the collector \"queue\""), "{outside}");
    let runtime = Runtime::new().unwrap();
    let entered = runtime.enter();
    assert_eq!(refused(" ", EVERY.into()), "a collector has a name: it is the label of its metrics");
    assert_eq!(
        refused("queue", Duration::ZERO.into()),
        "the collector \"queue\" is to run every 0 s and would never rest; give it a second or more"
    );
    assert_eq!(
        refused("queue", Schedule::every(EVERY).with_timeout(Duration::ZERO)),
        "the collector \"queue\" has a timeout of 0 s and could never succeed; give it some seconds"
    );
    assert!(watch.collect("queue", EVERY, async || ()).is_ok());
    assert_eq!(
        refused("queue", EVERY.into()),
        "a collector \"queue\" is running already; stop that one first, or give this one another name"
    );
    // With the runtime go its tasks, and so the name is free on the next one.
    drop(entered);
    drop(runtime);
    let next = Runtime::new().unwrap();
    let _entered = next.enter();
    assert!(watch.collect("queue", EVERY, async || ()).is_ok());
}

#[tokio::test(start_paused = true)]
async fn fleet_has_collectors_too() {
    let (clock, _hand) = Clock::fake();
    let watch = Watch::builder("shop").local().preset(Preset::Fleet).clock(clock).start().unwrap();
    watch.collect("queue", EVERY, async || gauge!("queue_length").set(4.0)).unwrap();
    sleep(seconds(1)).await;
    assert_eq!(watch.snapshot().gauge("queue_length", &[]), 4.0);
}
