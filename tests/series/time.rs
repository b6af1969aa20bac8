//! When ticks are due, which time their samples carry, and what happens when the wall clock is moved.

use std::time::Duration;

use metrics::counter;

use crate::world::{HOUR, SECOND, START, World};

fn lag(world: &World) -> f64 {
    world.registers.snapshot().gauge("tower_watch_tick_lag_seconds", &[])
}

#[test]
fn ticks_are_due_on_whole_multiples_of_the_interval() {
    let mut world = World::new();
    assert_eq!(world.sampler.until_due(), Duration::from_secs(5));
    world.advance(1_300);
    assert_eq!(world.sampler.until_due(), Duration::from_millis(3_700));
    world.advance(3_699);
    assert_eq!(world.sampler.until_due(), Duration::from_millis(1));
    world.advance(1);
    assert_eq!(world.tick(), Some(5 * SECOND));
    assert_eq!(world.sampler.until_due(), Duration::from_secs(5));
}

#[test]
fn a_tick_that_is_a_hundredth_late_carries_the_time_at_which_it_was_due() {
    let mut world = World::new();
    world.advance(5_050);
    assert_eq!(world.tick(), Some(5_000));
    assert_eq!(lag(&world), 0.05);
    world.advance(5_001);
    assert_eq!(world.tick(), Some(10_051), "later than that it carries its own");
    assert_eq!(lag(&world), 0.051);
    assert_eq!(world.sampler.until_due(), Duration::from_millis(4_949));
}

#[test]
fn a_tick_that_is_a_hundredth_early_is_the_one_that_is_due() {
    let mut world = World::new();
    world.advance(4_950);
    assert_eq!(world.tick(), Some(5_000));
    assert_eq!(lag(&world), 0.0);
    assert_eq!(world.sampler.until_due(), Duration::from_millis(5_050), "not the same one again");
    world.advance(4_949);
    assert_eq!(world.tick(), Some(9_899));
}

#[test]
fn no_two_ticks_carry_the_same_time() {
    let mut world = World::new();
    world.advance(5_000);
    assert_eq!(world.tick(), Some(5_000));
    assert_eq!(world.tick(), None);
    world.advance(40);
    assert_eq!(world.tick(), None);
    assert_eq!(world.samples("up").len(), 1);
}

#[test]
fn a_tick_says_how_long_it_took() {
    let mut world = World::new();
    world.ticks(1);
    // The fake clock stands still meanwhile.
    assert_eq!(world.seen("tower_watch_tick_duration_seconds"), [(5.0, Some(0.0))]);
}

#[test]
fn samples_follow_a_wall_clock_that_jumps_forward() {
    let mut world = World::new();
    world.record(|| counter!("jobs_total").increment(1));
    world.ticks(2);
    world.hand.jump_wall(HOUR);
    world.ticks(2);
    let times: Vec<_> = world.samples("jobs_total").times.iter().map(|time| time - START).collect();
    assert_eq!(times, [0, 5_000, 10_000, HOUR + 15_000, HOUR + 20_000]);
}

#[test]
fn a_wall_clock_that_jumps_back_changes_nothing() {
    let mut world = World::new();
    world.ticks(2);
    world.hand.jump_wall(-HOUR);
    assert_eq!(world.sampler.now(), START + 10_000);
    world.ticks(2);
    let times: Vec<_> = world.samples("up").times.iter().map(|time| time - START).collect();
    assert_eq!(times, [5_000, 10_000, 15_000, 20_000]);
    // Forward again, to where it should be: still nothing.
    world.hand.jump_wall(HOUR);
    assert_eq!(world.sampler.now(), START + 20_000);
}

#[test]
fn a_slow_drift_of_the_monotonic_clock_moves_no_tick() {
    let mut world = World::new();
    let mut wall = START;
    for _ in 0..2_000 {
        let sleep = i64::try_from(world.sampler.until_due().as_millis()).unwrap();
        world.advance(sleep);
        // 400 parts in a million too fast: as much as NTP ever has to mend.
        world.hand.jump_wall(-2);
        wall += sleep - 2;
        world.tick().unwrap();
        let ahead = world.sampler.now() - wall;
        assert!((0..=10).contains(&ahead), "{ahead} ms ahead");
    }
    let times = world.samples("up").times;
    assert!(times.iter().all(|time| time % 5_000 == 0), "each at the time at which it was due");
}

#[test]
fn time_never_goes_back_whatever_the_wall_clock_does() {
    let world = World::new();
    let mut before = world.sampler.now();
    for step in 0..500i64 {
        world.hand.jump_wall((step * 7_919) % 30_011 - 15_000);
        world.advance((step * 31) % 2_003);
        let now = world.sampler.now();
        assert!(now >= before);
        before = now;
    }
}
