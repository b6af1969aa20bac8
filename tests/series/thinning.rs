//! The past becomes coarser with age, and which samples stay whatever their age.

use std::sync::Arc;

use metrics::{counter, with_local_recorder};
use proptest::prelude::*;
use tower_watch::layers::clock::Clock;
use tower_watch::registers::Registers;
use tower_watch::series::{Retention, Sampler, SamplerSettings, Samples, Store, StoreSettings, is_stale};

use crate::world::{DAY, HOUR, MINUTE, SECOND, START, World, name, samples, seconds, series, unthinned};

/// The samples of each resolution, from the present to the past: (resolution, times since the start).
fn tiers(samples: &Samples) -> Vec<(i64, Vec<i64>)> {
    let mut tiers: Vec<(i64, Vec<i64>)> = Vec::new();
    for index in (0..samples.len()).rev() {
        let resolution = samples.resolution(index);
        if tiers.last().is_none_or(|(last, _)| *last != resolution) {
            tiers.push((resolution, Vec::new()));
        }
        tiers.last_mut().unwrap().1.insert(0, samples.times[index] - START);
    }
    tiers
}

/// Checks one tier: its resolution, its grid, its reach; `turn` is how late a series may be thinned.
fn check((resolution, times): &(i64, Vec<i64>), expected: i64, grid: i64, now: i64, span: i64) {
    const TURN: i64 = MINUTE;
    assert_eq!(*resolution, expected);
    // The oldest may be the first sample of the series.
    assert!(times[1..].iter().all(|time| time % grid == 0), "{times:?}");
    assert!(times.windows(2).skip(1).all(|pair| pair[1] - pair[0] == grid), "{times:?}");
    assert!(times[0] < now - span, "one sample is older than the span: {} {}", times[0], now - span);
    assert!(times[1] >= now - span - TURN, "only one: {} {}", times[1], now - span);
}

#[test]
fn every_series_has_5_s_for_15_min_1_min_for_6_h_and_1_h_for_7_days() {
    let mut world = World::new();
    // So much is kept that coarser ticks before the last hours show nothing else.
    for _ in 0..8 * DAY / MINUTE - 8 * 60 {
        world.advance(MINUTE);
        world.tick().unwrap();
    }
    world.ticks(8 * 720);
    let now = world.sampler.now() - START;
    let samples = world.samples("up");
    let tiers = tiers(&samples);
    assert_eq!(tiers.len(), 3);
    check(&tiers[0], 5 * SECOND, 5 * SECOND, now, 15 * MINUTE);
    check(&tiers[1], MINUTE, MINUTE, now, 6 * HOUR);
    check(&tiers[2], HOUR, HOUR, now, 7 * DAY);
    // A local midnight falls on a quarter of an hour, and UTC's on an hour.
    for day in 2..8 {
        assert!(samples.times.contains(&(START + day * DAY)), "midnight {day}");
    }
}

#[test]
fn slo_series_have_1_min_for_3_days_and_15_min_for_32_days() {
    let mut world = World::new();
    let labels = series("slo:sli_error:ratio_rate5m");
    for minute in 1..=33 * DAY / MINUTE {
        world.store.append(&labels, START + minute * MINUTE, minute as f64).unwrap();
        world.advance(MINUTE);
        world.tick().unwrap();
    }
    let now = world.sampler.now() - START;
    let tiers = tiers(&world.samples("slo:sli_error:ratio_rate5m"));
    assert_eq!(tiers.len(), 3);
    let turns = 12 * MINUTE;
    assert_eq!(tiers[0].0, 0, "a rule's result is as it came");
    assert_eq!((tiers[1].0, tiers[2].0), (MINUTE, 15 * MINUTE));
    assert!(tiers[1].1.windows(2).all(|pair| pair[1] - pair[0] == MINUTE));
    assert!(tiers[2].1.windows(2).all(|pair| pair[1] - pair[0] == 15 * MINUTE));
    assert!((0..=turns + MINUTE).contains(&(now - 3 * DAY - tiers[1].1[0])), "{:?}", tiers[1].1[0]);
    assert!((0..=turns + 15 * MINUTE).contains(&(now - 32 * DAY - tiers[2].1[0])), "{:?}", tiers[2].1[0]);
    // Another recorded series has the default.
    assert_eq!(world.samples("up").resolution(0), HOUR);
}

#[test]
fn a_retention_can_be_given_by_name_and_the_last_that_fits_counts() {
    let retention = Retention::new(seconds(60))
        .series("a_*", seconds(120), &[])
        .series("a_b_*", seconds(180), &[(seconds(60), seconds(600))])
        .series("exact", seconds(240), &[]);
    let mut world = World::with(&StoreSettings::new().with_retention(retention));
    let names = ["other", "a_c", "a_b_c", "exact", "exact_not"];
    for _ in 0..400 {
        world.ticks(1);
        let now = world.sampler.now();
        names.iter().for_each(|name| world.store.append(&series(name), now, 1.0).unwrap());
    }
    let now = world.sampler.now();
    for (name, span, resolution) in
        [("other", 60, 5), ("a_c", 120, 5), ("a_b_c", 600, 60), ("exact", 240, 5), ("exact_not", 60, 5)]
    {
        let age = (now - world.samples(name).times[0]) / SECOND;
        // One sample is older, and each series has its turn once a minute.
        assert!((span + 1..=span + resolution + 60).contains(&age), "{name}: {age}");
    }
}

#[test]
fn settings_that_cannot_be_are_said_and_break_nothing() {
    for (retention, part) in [
        (Retention::new(seconds(0)), "a span of zero"),
        (Retention::new(seconds(60)).thinned(seconds(0), seconds(600)), "a resolution of zero"),
        (Retention::new(seconds(60)).thinned(seconds(10), seconds(30)), "from the present to the past"),
        (Retention::new(seconds(60)).thinned(seconds(600), seconds(600)), "as coarse as it is long"),
        (Retention::new(seconds(60)).series("x_*", seconds(0), &[]), "\"x_*\""),
    ] {
        let settings = StoreSettings::new().with_retention(retention);
        let problems = settings.problems();
        assert!(problems.len() == 1 && problems[0].contains(part), "{problems:?}");
        let mut world = World::with(&settings);
        world.ticks(500);
        assert!(!world.seen("up").is_empty());
    }
    assert_eq!(StoreSettings::new().problems(), Vec::<String>::new());
    let none = StoreSettings::new().with_max_series(0).with_max_bytes(0).problems();
    assert_eq!(none.len(), 2, "{none:?}");
}

/// A process after a restart: other registers, in the same places. `strangers` were registered before the counter, so
/// with one it is another register to the sampler than it was without.
fn process(strangers: usize) -> Registers {
    let registers = Registers::new();
    let _ = Sampler::new(Arc::new(Store::new()), &registers, SamplerSettings::new());
    with_local_recorder(&registers, || {
        (0..strangers)
            .for_each(|stranger| counter!("stranger_total", "n" => stranger.to_string()).increment(1));
    });
    registers
}

#[derive(Clone, Debug)]
enum Step {
    Add(u64),
    /// The counter starts again, as the same register or as another one.
    Reset(u64, bool),
    /// There is no such register.
    Gone,
    /// Nobody ticks.
    Gap(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        20 => (0..4u64).prop_map(Step::Add),
        4 => (0..100_000u64).prop_map(Step::Add),
        2 => (0..5u64, any::<bool>()).prop_map(|(to, other)| Step::Reset(to, other)),
        2 => Just(Step::Gone),
        2 => (1..200_000i64).prop_map(Step::Gap),
    ];
    prop::collection::vec(step, 1..500)
}

/// How much was counted from `from` to `to`: between the last samples at or before each, resets added.
fn increase(samples: &Samples, from: i64, to: i64) -> f64 {
    let row = samples.times.iter().zip(&samples.values).filter(|(_, value)| !is_stale(**value));
    let row = row.filter(|(time, _)| **time <= to);
    let (mut before, mut sum) = (None, 0.0);
    for (time, value) in row {
        let inside = *time > from;
        if let (true, Some(before)) = (inside, before) {
            sum += if *value < before { *value } else { *value - before };
        }
        before = Some(*value);
    }
    sum
}

const TIERS: [i64; 3] = [5 * SECOND, 15 * SECOND, MINUTE];

fn both(steps: &[Step]) -> (Samples, Samples) {
    let retention = Retention::new(seconds(60))
        .thinned(seconds(15), seconds(300))
        .thinned(seconds(60), seconds(1_000_000));
    let (clock, hand) = Clock::fake();
    let stores = [StoreSettings::new().with_retention(retention), unthinned()];
    let stores = stores.map(|settings| Arc::new(Store::with_settings(&settings)));
    let mut registers = process(0);
    let mut samplers = stores.clone().map(|store| {
        Sampler::new(store, &Registers::new(), SamplerSettings::new().with_clock(clock.clone()))
    });
    // Nothing at the end, so that most of it is thinned.
    let quiet = vec![Step::Add(0); 40];
    for step in steps.iter().chain(&quiet) {
        let add = |registers: &Registers, value| {
            with_local_recorder(registers, || counter!("jobs_total").increment(value));
        };
        match step {
            Step::Add(value) => add(&registers, *value),
            Step::Reset(to, other) => {
                registers = process(usize::from(*other));
                add(&registers, *to);
            }
            Step::Gone => registers = process(0),
            Step::Gap(millis) => hand.advance(std::time::Duration::from_millis(millis.unsigned_abs())),
        }
        hand.advance(seconds(5));
        for sampler in &mut samplers {
            sampler.tick(&registers);
        }
    }
    let [thin, raw] = stores.map(|store| samples(&store, &name("jobs_total")));
    (thin, raw)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_was_counted_between_two_borders_is_the_same_after_thinning(steps in steps()) {
        let (thin, raw) = both(&steps);
        let Some((first, last)) = raw.times.first().zip(raw.times.last()) else { return Ok(()) };
        prop_assert_eq!(thin.times.first(), Some(first), "the first sample stays");
        let borders: Vec<_> = (first / MINUTE - 1..=last / MINUTE + 1).map(|minute| minute * MINUTE).collect();
        for (index, from) in borders.iter().enumerate().step_by(3) {
            for to in &borders[index..] {
                prop_assert_eq!(increase(&thin, *from, *to), increase(&raw, *from, *to), "{} {}", from, to);
            }
        }
    }

    #[test]
    fn what_a_reset_and_an_end_are_read_from_is_never_thinned(steps in steps()) {
        let (thin, raw) = both(&steps);
        let has = |index: usize| thin.times.binary_search(&raw.times[index]).is_ok_and(|at| {
            thin.values[at].to_bits() == raw.values[index].to_bits()
        });
        for index in 0..raw.len() {
            let (value, next) = (raw.values[index], raw.values.get(index + 1).copied().unwrap_or(f64::NAN));
            if is_stale(value) || is_stale(next) || next < value {
                prop_assert!(has(index), "the marker, what is before it, and the last before a reset");
            }
            if (is_stale(value) || next < value) && index + 1 < raw.len() {
                prop_assert!(has(index + 1), "the first after a reset or an end");
            }
        }
        for index in 0..thin.len() {
            prop_assert!(raw.times.binary_search(&thin.times[index]).is_ok(), "nothing is made up");
            prop_assert!(TIERS.contains(&thin.resolution(index)));
        }
        prop_assert!(thin.times.is_sorted_by(|a, b| a < b));
    }
}
