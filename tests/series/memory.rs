//! What the store takes, by its own account and by the allocator's.

use metrics::{counter, gauge, histogram};
use tower_watch::series::{Labels, Retention, STALE, Store, StoreSettings};

use crate::world::{MINUTE, World, seconds, series};

/// The store after an hour of a service: for each endpoint a histogram and counters for five statuses, and gauges.
fn after_an_hour(endpoints: usize) -> World {
    let mut world = World::new();
    for tick in 0..720usize {
        world.record(|| {
            for endpoint in 0..endpoints {
                let name = format!("/endpoints/{endpoint}/{{id}}");
                // Traffic: a tenth of the endpoints have most of it, and errors are rare.
                let requests = if endpoint % 10 == 0 { 40 + tick % 7 } else { usize::from((tick + endpoint) % 30 == 0) };
                for status in [200u16, 201, 404, 422, 500] {
                    let share = if status == 200 { requests } else { requests / 40 };
                    let status = status.to_string();
                    counter!("http_requests_total", "endpoint" => name.clone(), "method" => "GET", "status" => status)
                        .increment(share as u64);
                }
                let seconds = histogram!("http_request_duration_seconds", "endpoint" => name.clone(), "method" => "GET");
                (0..requests.min(8)).for_each(|request| seconds.record(((request * 37 + tick) % 100) as f64 * 0.003));
                gauge!("http_requests_in_flight", "endpoint" => name, "method" => "GET").set((requests % 3) as f64);
            }
        });
        world.ticks(1);
    }
    world
}

#[test]
fn a_sample_takes_at_most_three_bytes_after_an_hour_with_everything_around_it() {
    let world = after_an_hour(100);
    let size = world.store.size();
    assert!(size.series > 2_000 && size.samples > 200 * size.series, "{size:?}");
    let each = size.bytes as f64 / size.samples as f64;
    assert!(each <= 3.0, "{each} bytes a sample, {size:?}");
}

/// The bytes that are left of what the closure allocated.
fn allocated<T>(make: impl FnOnce() -> T) -> (T, f64) {
    let mut made = None;
    let info = allocation_counter::measure(|| made = Some(make()));
    (made.unwrap(), info.bytes_current as f64)
}

fn assert_near(counted: usize, allocated: f64) {
    let factor = allocated / counted as f64;
    assert!((1.0 / 1.5..1.5).contains(&factor), "{counted} counted, {allocated} allocated");
}

#[test]
fn the_account_is_near_the_allocators_after_an_hour() {
    let (store, bytes) = allocated(|| after_an_hour(30).store);
    assert_near(store.size().bytes, bytes);
}

#[test]
fn the_account_is_near_the_allocators_for_many_and_for_long_labels() {
    let (store, bytes) = allocated(|| {
        let store = Store::new();
        for user in 0..3_000 {
            let labels = (0..10).map(|label| (format!("label_{label}"), format!("{label}-{user}")));
            store.append(&Labels::new(labels), 0, 1.0).unwrap();
        }
        store
    });
    assert_near(store.size().bytes, bytes);
    let (store, bytes) = allocated(|| {
        let store = Store::new();
        store.append(&series("x").with("long", "y".repeat(1 << 20)), 0, 1.0).unwrap();
        store
    });
    assert_near(store.size().bytes, bytes);
}

#[test]
fn a_series_that_ended_is_forgotten_after_the_last_span_and_its_memory_given_back() {
    let retention = Retention::new(seconds(60)).thinned(seconds(30), seconds(600));
    let mut world = World::with(&StoreSettings::new().with_retention(retention));
    world.ticks(24);
    let before = world.store.size();
    let ((), left) = allocated(|| {
        let now = world.sampler.now();
        for user in 0..4_000 {
            let name = if user % 2 == 0 { "x".to_owned() } else { format!("of_{user}") };
            let labels = series(&name).with("user", format!("{user:0100}"));
            world.store.append(&labels, now, 1.0).unwrap();
            world.store.append(&labels, now + 1, STALE).unwrap();
        }
        let full = world.store.size();
        assert_eq!(full.series, before.series + 4_000);
        assert!(full.bytes > before.bytes + 4_000 * 400, "{full:?}");
        world.ticks(600 / 5);
        assert_eq!(world.store.size().series, before.series + 4_000, "not before the span is over");
        // Its turn, and the next sweep.
        world.ticks(24);
    });
    let after = world.store.size();
    assert_eq!(after.series, before.series);
    assert!(after.bytes < before.bytes * 2, "{before:?} {after:?}");
    assert!(left < 40_000.0, "{left} bytes are left of 4,000 series");
}

#[test]
fn what_nobody_goes_on_with_is_forgotten_as_well() {
    let retention = Retention::new(seconds(60));
    let mut world = World::with(&StoreSettings::new().with_retention(retention));
    let start = world.sampler.now();
    world.store.append(&series("filled_in"), start - 5 * MINUTE, 1.0).unwrap();
    world.store.append(&series("of_a_rule"), start, 1.0).unwrap();
    world.ticks(12);
    assert_eq!((world.seen("filled_in").len(), world.seen("of_a_rule").len()), (0, 1));
    world.ticks(13);
    assert_eq!(world.seen("of_a_rule").len(), 0);
}

#[test]
fn a_place_that_was_given_back_is_used_again() {
    let retention = Retention::new(seconds(60));
    let mut world = World::with(&StoreSettings::new().with_retention(retention).with_max_series(107));
    for round in 0..20i64 {
        let now = world.sampler.now();
        for user in 0..100 {
            let labels = series("x").with("user", format!("{round}-{user}"));
            world.store.append(&labels, now, round as f64).unwrap();
        }
        let found = world.store.select(&crate::world::name("x"), now, now, 1_000).unwrap();
        assert!(
            found.iter().all(|series| series.samples.values == [round as f64]),
            "nothing of those before"
        );
        assert_eq!(found.len(), 100);
        world.ticks(26);
    }
}
