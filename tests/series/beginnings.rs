//! Where a series begins and ends: the synthetic zero and the staleness marker.

use metrics::{counter, gauge, histogram};
use tower_watch::layers::clock::Clock;
use tower_watch::registers::Registers;
use tower_watch::series::{Sampler, SamplerSettings};

use crate::world::{MINUTE, SECOND, START, World, name, seen, series};

#[test]
fn what_counts_begins_with_a_zero_at_the_tick_before() {
    let mut world = World::new();
    world.ticks(2);
    world.record(|| {
        counter!("jobs_total").increment(3);
        histogram!("seconds").record(0.5);
        gauge!("level").set(7.0);
    });
    world.ticks(1);
    let counted = |value| vec![(10.0, Some(0.0)), (15.0, Some(value))];
    assert_eq!(world.seen("jobs_total"), counted(3.0));
    assert_eq!(world.seen("seconds_sum"), counted(0.5));
    assert_eq!(world.seen("seconds_count"), counted(1.0));
    for bucket in world.store.select(&name("seconds_bucket"), i64::MIN, i64::MAX, 1_000).unwrap() {
        let bound: f64 = bucket.labels.get("le").parse().unwrap();
        assert_eq!(seen(&bucket.samples), counted(if bound < 0.5 { 0.0 } else { 1.0 }));
    }
    assert_eq!(world.seen("level"), [(15.0, Some(7.0))], "a gauge was never zero");
}

#[test]
fn at_the_first_tick_of_all_the_zero_is_an_interval_before() {
    let mut world = World::new();
    world.record(|| counter!("jobs_total").increment(3));
    world.advance(12 * SECOND);
    assert_eq!(world.tick(), Some(12 * SECOND));
    assert_eq!(world.seen("jobs_total"), [(7.0, Some(0.0)), (12.0, Some(3.0))]);
}

#[test]
fn a_late_tick_puts_the_zero_at_the_tick_before_wherever_that_was() {
    let mut world = World::new();
    world.ticks(1);
    world.record(|| counter!("jobs_total").increment(3));
    world.advance(27 * SECOND);
    world.tick();
    assert_eq!(world.seen("jobs_total"), [(5.0, Some(0.0)), (32.0, Some(3.0))]);
}

/// Idle for two minutes, looked at every five seconds: gone.
fn until_gone(world: &mut World, name: &str) -> f64 {
    for _ in 0..48 {
        world.ticks(1);
        if let Some((time, None)) = world.seen(name).last() {
            return *time;
        }
    }
    panic!("{name} is still there: {:?}", world.seen(name));
}

#[test]
fn a_register_that_is_gone_leaves_one_staleness_marker() {
    let mut world = World::new();
    world.record(|| {
        counter!("jobs_total", "tenant" => "t").increment(3);
        gauge!("level", "tenant" => "t").set(7.0);
        histogram!("seconds", "tenant" => "t").record(0.5);
    });
    world.ticks(1);
    let end = until_gone(&mut world, "jobs_total");
    world.ticks(3);
    for gone in ["jobs_total", "level", "seconds_sum", "seconds_count"] {
        let samples = world.seen(gone);
        assert_eq!(samples.last(), Some(&(end, None)), "{gone}");
        assert_eq!(samples.iter().filter(|(_, value)| value.is_none()).count(), 1, "{gone}");
        assert_eq!(samples[samples.len() - 2].0, end - 5.0, "at the first tick without it: {gone}");
    }
    for bucket in world.store.select(&name("seconds_bucket"), i64::MIN, i64::MAX, 100_000).unwrap() {
        assert_eq!(seen(&bucket.samples).last(), Some(&(end, None)), "{}", bucket.labels);
    }
}

#[test]
fn a_counter_that_comes_back_begins_with_a_zero_again_and_a_gauge_does_not() {
    let mut world = World::new();
    let record = || {
        counter!("jobs_total", "tenant" => "t").increment(3);
        gauge!("level", "tenant" => "t").set(7.0);
    };
    world.record(record);
    let end = until_gone(&mut world, "jobs_total");
    world.ticks(4);
    world.record(record);
    world.ticks(2);
    let after = |name| -> Vec<_> { world.seen(name).into_iter().filter(|(time, _)| *time > end).collect() };
    let back = end + 25.0;
    assert_eq!(after("jobs_total"), [(back - 5.0, Some(0.0)), (back, Some(3.0)), (back + 5.0, Some(3.0))]);
    assert_eq!(after("level"), [(back, Some(7.0)), (back + 5.0, Some(7.0))]);
}

#[test]
fn at_the_tick_after_its_end_the_zero_comes_right_behind_the_marker() {
    let mut world = World::new();
    world.record(|| counter!("jobs_total", "tenant" => "t").increment(3));
    let end = until_gone(&mut world, "jobs_total");
    world.record(|| counter!("jobs_total", "tenant" => "t").increment(4));
    world.ticks(1);
    let samples = world.seen("jobs_total");
    assert_eq!(samples[samples.len() - 3..], [(end, None), (end + 0.001, Some(0.0)), (end + 5.0, Some(4.0))]);
}

#[test]
fn a_register_that_another_replaces_between_two_ticks_goes_on_in_its_series() {
    let mut world = World::new();
    world.record(|| counter!("jobs_total", "tenant" => "t").increment(9));
    world.ticks(1);
    // Looked at, and a minute later taken away: between two ticks, of which there are none here.
    world.registers.sweep_idle();
    world.advance(2 * MINUTE);
    world.registers.sweep_idle();
    world.advance(2 * MINUTE);
    assert_eq!(world.registers.sweep_idle(), 1);
    assert_eq!(world.registers.snapshot().counter("jobs_total", &[]), 0);
    world.record(|| counter!("jobs_total", "tenant" => "t").increment(2));
    world.advance(5 * SECOND);
    let time = world.tick().unwrap() as f64 / 1e3;
    world.ticks(1);
    assert_eq!(
        world.seen("jobs_total"),
        [(0.0, Some(0.0)), (5.0, Some(9.0)), (5.001, Some(0.0)), (time, Some(2.0)), (time + 5.0, Some(2.0))]
    );
}

#[test]
fn a_counter_goes_on_after_what_was_filled_in_and_its_resets_survive() {
    let mut world = World::new();
    let labels = series("jobs_total").with("job", "shop").with("instance", "a:1").with("tenant", "t");
    world.store.append(&labels, START - MINUTE, 100.0).unwrap();
    world.record(|| counter!("jobs_total", "tenant" => "t").increment(3));
    world.ticks(1);
    assert_eq!(world.seen("jobs_total"), [(-60.0, Some(100.0)), (0.0, Some(0.0)), (5.0, Some(3.0))]);
    world.ticks(30 * 12);
    let left = world.seen("jobs_total");
    assert_eq!(left[..2], [(-60.0, Some(100.0)), (0.0, Some(0.0))], "before the fall, and after it");
}

#[test]
fn a_second_sampler_of_one_store_begins_anew() {
    let mut world = World::new();
    world.record(|| counter!("jobs_total").increment(3));
    world.ticks(2);
    let (clock, hand) = Clock::fake();
    hand.jump_wall(MINUTE);
    let registers = Registers::new();
    metrics::with_local_recorder(&registers, || counter!("jobs_total").increment(1));
    let settings =
        SamplerSettings::new().with_clock(clock).with_label("job", "shop").with_label("instance", "a:1");
    Sampler::new(std::sync::Arc::clone(&world.store), &registers, settings).tick(&registers).unwrap();
    let samples = world.seen("jobs_total");
    assert_eq!(samples[samples.len() - 3..], [(10.0, Some(3.0)), (55.0, Some(0.0)), (60.0, Some(1.0))]);
}
