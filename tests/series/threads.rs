//! Readers while ticks run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use metrics::{counter, histogram, with_local_recorder};
use tower_watch::series::{MatchOp, Matcher, Selected, Store};

use crate::world::{World, matcher, series};

/// The end of a row, where nothing is thinned yet: further back, each series has its own turn.
fn recent<T>(row: &[T]) -> &[T] {
    &row[row.len().saturating_sub(100)..]
}

/// One selection: all that a tick appends is there, or nothing of it.
fn assert_whole(store: &Store) {
    let of = |suffix: &str| {
        let seconds = matcher("__name__", MatchOp::Regex, &format!("seconds_({suffix})"));
        store.select(&[seconds], i64::MIN, i64::MAX, usize::MAX).unwrap()
    };
    let parts = of("bucket|count|sum");
    assert!(parts.is_empty() || parts.len() == 14, "{}", parts.len());
    for part in &parts {
        assert_eq!(recent(&part.samples.times), recent(&parts[0].samples.times), "{}", part.labels);
        assert!(part.samples.times.is_sorted_by(|a, b| a < b));
        assert!(part.samples.values.is_sorted(), "{}: {:?}", part.labels, part.samples.values);
    }
    let all = parts.iter().find(|part| part.labels.get("le") == "+Inf");
    let count = parts.iter().find(|part| part.labels.name() == Some("seconds_count"));
    let values = |part: Option<&Selected>| part.map(|part| recent(&part.samples.values).to_vec());
    assert_eq!(values(all), values(count));
}

#[test]
fn readers_see_whole_ticks_while_ticks_and_rules_go_on() {
    let mut world = World::new();
    let (store, registers) = (Arc::clone(&world.store), world.registers.clone());
    let stop = AtomicBool::new(false);
    let selections = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    assert_whole(&store);
                    assert!(
                        store.series(&[vec![Matcher::equal("job", "shop")]], 0, i64::MAX).len()
                            <= store.size().series
                    );
                    selections.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        scope.spawn(|| {
            let mut time = 0;
            while !stop.load(Ordering::Relaxed) {
                time += 1;
                store.append(&series("rule").with("n", (time % 50).to_string()), time, 1.0).unwrap();
            }
        });
        scope.spawn(|| {
            with_local_recorder(&registers, || {
                let mut user = 0u32;
                while !stop.load(Ordering::Relaxed) {
                    user += 1;
                    histogram!("seconds").record(f64::from(user % 20) * 0.5);
                    counter!("jobs_total", "user" => (user % 500).to_string()).increment(1);
                }
            });
        });
        for _ in 0..400 {
            world.ticks(1);
        }
        // At least some on a machine with one core.
        while selections.load(Ordering::Relaxed) < 5 {
            thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(world.samples("up").len() > 180);
}

#[test]
fn a_flood_of_new_series_does_not_hold_up_who_registers_one() {
    let mut world = World::new();
    world.record(|| {
        (0..20_000).for_each(|user| counter!("logins_total", "user" => user.to_string()).increment(1));
    });
    let registers = world.registers.clone();
    let stop = AtomicBool::new(false);
    let (longest, tick) = thread::scope(|scope| {
        let recording = scope.spawn(|| {
            let mut longest = Duration::ZERO;
            with_local_recorder(&registers, || {
                for order in 0.. {
                    let began = Instant::now();
                    counter!("orders_total", "order" => order.to_string()).increment(1);
                    longest = longest.max(began.elapsed());
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    thread::sleep(Duration::from_micros(200));
                }
            });
            longest
        });
        let began = Instant::now();
        world.ticks(1);
        let tick = began.elapsed();
        stop.store(true, Ordering::Relaxed);
        (recording.join().unwrap(), tick)
    });
    assert!(longest < tick / 5, "{longest:?} of a tick of {tick:?}");
}
