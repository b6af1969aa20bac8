//! What happens to label sets for which there is no room.

use metrics::{counter, gauge, histogram};
use tower_watch::series::{AppendError, Labels, Matcher, STALE, Store, StoreSettings};

use crate::world::{START, World, name, samples, series};

fn overflow(name: &str) -> Vec<Matcher> {
    vec![Matcher::equal("__name__", name), Matcher::equal("overflow", "true")]
}

fn last(world: &World, matchers: &[Matcher]) -> Option<f64> {
    samples(&world.store, matchers).values.last().copied()
}

/// So small that what comes after the first tick finds no room: five series of its own, and `up`.
fn full() -> World {
    let mut world = World::with(&StoreSettings::new().with_max_series(6));
    world.ticks(1);
    assert_eq!(world.store.size().series, 6);
    world
}

#[test]
fn what_is_too_much_is_added_up_in_one_series_of_its_name() {
    let mut world = full();
    world.record(|| {
        for user in 0..10 {
            counter!("jobs_total", "user" => user.to_string()).increment(user);
            gauge!("level", "user" => user.to_string()).set(1.5);
            histogram!("seconds", "user" => user.to_string()).record(0.5);
        }
    });
    world.ticks(1);
    assert_eq!(last(&world, &overflow("jobs_total")), Some(45.0));
    assert_eq!(last(&world, &overflow("level")), Some(15.0));
    assert_eq!(last(&world, &overflow("seconds_count")), Some(10.0));
    assert_eq!(last(&world, &overflow("seconds_sum")), Some(5.0));
    assert_eq!(world.store.size().series, 6 + 1 + 1 + 14);
    assert_eq!(
        samples(&world.store, &overflow("jobs_total")).values,
        [0.0, 45.0],
        "it begins as any counter"
    );
    let snapshot = world.registers.snapshot();
    assert_eq!(snapshot.counter("tower_watch_series_overflow_total", &[]), 30);
    assert_eq!(
        world.labels(&name("level")),
        [r#"level{instance="a:1", job="shop", overflow="true"}"#],
        "job and instance as on everything"
    );
    world.ticks(1);
    let snapshot = world.registers.snapshot();
    assert_eq!(snapshot.counter("tower_watch_series_overflow_total", &[]), 30, "each is counted once");
}

#[test]
fn a_sum_of_counters_stays_what_it_was_when_members_vanish() {
    let mut world = full();
    world.record(|| {
        for user in 0..10u64 {
            counter!("jobs_total", "tenant" => user.to_string()).increment(10);
            gauge!("level", "tenant" => user.to_string()).set(2.0);
            histogram!("seconds", "tenant" => user.to_string()).record(0.5);
        }
    });
    let held = metrics::with_local_recorder(&world.registers, || gauge!("level", "tenant" => "held"));
    held.set(3.0);
    world.ticks(1);
    assert_eq!(last(&world, &overflow("level")), Some(23.0));
    world.ticks(40);
    assert_eq!(world.registers.snapshot().counter("jobs_total", &[]), 0, "they are gone");
    assert_eq!(last(&world, &overflow("jobs_total")), Some(100.0));
    assert_eq!(last(&world, &overflow("seconds_count")), Some(10.0));
    assert_eq!(last(&world, &overflow("level")), Some(3.0), "a level that is gone is no level");
    world.record(|| counter!("jobs_total", "tenant" => "1").increment(5));
    world.ticks(1);
    assert_eq!(last(&world, &overflow("jobs_total")), Some(105.0));
    let values = samples(&world.store, &overflow("jobs_total")).values;
    assert!(values.is_sorted(), "monotonic: {values:?}");
}

#[test]
fn what_had_a_place_before_keeps_it() {
    let mut world = World::with(&StoreSettings::new().with_max_series(8));
    world.record(|| counter!("jobs_total", "tenant" => "early").increment(1));
    world.ticks(2);
    world.record(|| {
        (0..10).for_each(|user| counter!("jobs_total", "tenant" => format!("u{user}")).increment(1));
    });
    world.ticks(40);
    world.record(|| counter!("jobs_total", "tenant" => "early").increment(7));
    world.ticks(1);
    let early = vec![Matcher::equal("__name__", "jobs_total"), Matcher::equal("tenant", "early")];
    assert_eq!(last(&world, &early), Some(7.0), "gone and back again");
}

#[test]
fn a_flood_of_names_is_bounded_too() {
    let mut world = full();
    world.record(|| {
        (0..3_000).for_each(|name| counter!(format!("name_{name}_total")).increment(1));
    });
    world.ticks(3);
    assert_eq!(world.store.size().series, 6 + 1_000);
    let snapshot = world.registers.snapshot();
    assert_eq!(snapshot.counter("tower_watch_series_overflow_total", &[]), 3_000);
}

#[test]
fn long_values_are_too_much_as_well_as_many_series() {
    let mut world = World::with(&StoreSettings::new().with_max_bytes(4 << 20));
    for user in 0..20 {
        let value = format!("{user}{}", "x".repeat(1 << 20));
        world.record(|| counter!("jobs_total", "user" => value).increment(1));
        world.ticks(1);
    }
    let jobs = world.store.series(&[name("jobs_total")], i64::MIN, i64::MAX);
    assert_eq!(jobs.len(), 5, "four megabytes, and the sum of the others");
    assert_eq!(last(&world, &overflow("jobs_total")), Some(16.0));
    let bytes = world.store.size().bytes;
    assert!((4 << 20..5 << 20).contains(&bytes), "{bytes}");
}

#[test]
fn a_sample_that_is_nobodys_reading_is_refused_where_there_is_no_room() {
    let world = full();
    assert_eq!(world.store.append(&series("new"), 0, 1.0), Err(AppendError::Full));
    assert_eq!(world.store.size().series, 6);
}

#[test]
fn what_reads_the_log_may_count_its_lines_while_a_tick_overflows() {
    // In a subscriber that registers a counter with these registers, which nobody may do while they are read.
    struct Counting;

    impl tracing::Subscriber for Counting {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            for shard in 0..100 {
                let level = event.metadata().level().to_string();
                counter!("log_lines_total", "level" => level, "shard" => shard.to_string()).increment(1);
            }
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }

    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut world = full();
        let registers = world.registers.clone();
        metrics::with_local_recorder(&registers, || {
            tracing::subscriber::with_default(Counting, || {
                counter!("jobs_total").increment(1);
                world.ticks(2);
            });
        });
        let lines = world.registers.snapshot().counter("log_lines_total", &[("level", "WARN")]);
        done.send(lines).unwrap();
    });
    let lines = is_done.recv_timeout(std::time::Duration::from_secs(30));
    assert_eq!(lines, Ok(100), "one warning, and no deadlock");
}

#[test]
fn what_is_new_takes_the_place_of_what_has_ended() {
    let mut world = World::with(&StoreSettings::new().with_max_series(100));
    let before = START - 60_000;
    for old in 0..90 {
        let gone = Labels::new([("__name__", "gone"), ("number", &old.to_string())]);
        world.store.append(&gone, before + old, 1.0).unwrap();
        world.store.append(&gone, before + 1_000 + old, STALE).unwrap();
    }
    world.ticks(1);
    world.record(|| {
        for user in 0..12 {
            gauge!("level", "user" => user.to_string()).set(1.5);
        }
    });
    world.ticks(1);
    assert_eq!(world.labels(&name("level")).len(), 12);
    assert_eq!(last(&world, &overflow("level")), None);
    let left = world.labels(&name("gone"));
    assert_eq!(left.len(), 79, "a tenth of what there may be, and one");
    assert!(!left.iter().any(|labels| labels.contains("number=\"10\"")), "those first that ended first");
    assert!(left.iter().any(|labels| labels.contains("number=\"11\"")));
}

#[test]
fn what_is_appended_takes_the_place_of_what_has_ended_too() {
    let store = Store::with_settings(&StoreSettings::new().with_max_series(2));
    let of = |name| Labels::new([("__name__", name)]);
    store.append(&of("gone"), START, 1.0).unwrap();
    store.append(&of("gone"), START + 1, STALE).unwrap();
    store.append(&of("here"), START, 1.0).unwrap();
    store.append(&of("new"), START + 2, 1.0).unwrap();
    assert_eq!(store.append(&of("more"), START + 3, 1.0), Err(AppendError::Full), "nothing else has ended");
    assert_eq!(store.size().series, 2);
}
