//! Readers while ticks run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use metrics::{counter, histogram, with_local_recorder};
use tower_watch::series::{MatchOp, Matcher, Store};

use crate::world::{World, matcher, series};

/// One selection: all that a tick appends is there, or nothing of it.
fn assert_whole(store: &Store) {
    let of = |suffix: &str| {
        let seconds = matcher("__name__", MatchOp::Regex, &format!("seconds_({suffix})"));
        store.select(&[seconds], i64::MIN, i64::MAX, usize::MAX).unwrap()
    };
    let parts = of("bucket|count|sum");
    assert!(parts.is_empty() || parts.len() == 14, "{}", parts.len());
    for part in &parts {
        assert_eq!(part.samples.times, parts[0].samples.times, "{}", part.labels);
        assert!(part.samples.times.is_sorted_by(|a, b| a < b));
        assert!(part.samples.values.is_sorted(), "{}: {:?}", part.labels, part.samples.values);
    }
    let all = parts.iter().find(|part| part.labels.get("le") == "+Inf");
    let count = parts.iter().find(|part| part.labels.name() == Some("seconds_count"));
    assert_eq!(all.map(|part| &part.samples.values), count.map(|part| &part.samples.values));
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
