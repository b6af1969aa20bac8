//! What a restart looks like in the samples, reckoned by hand.

use std::time::Duration;

use tower_watch::series::STALE;

use crate::support::{BEGIN, Directory, Process, labels, open, samples};

/// Three ticks, at 5, 10 and 15 s, of a counter that goes to 3, 5 and 9 and of a gauge; saved at `saved_at`.
fn first_life(directory: &Directory, saved_at: Duration) {
    let mut process = Process::new(Duration::ZERO);
    let counter = process.counter("requests_total", 1);
    let gauge = process.gauge("temperature", 1);
    for (count, degrees) in [(3, 20.0), (2, 21.0), (4, 22.0)] {
        counter.increment(count);
        gauge.set(degrees);
        process.tick();
    }
    process.store().append(&labels("ended", 1), BEGIN + 6_000, 1.0).unwrap();
    process.store().append(&labels("ended", 1), BEGIN + 7_000, STALE).unwrap();
    process.hand.advance(saved_at - Duration::from_secs(15));
    process.save(&mut open(&directory.data()));
}

/// A process that begins `after`, restores, counts to 4 and ticks once.
fn second_life(directory: &Directory, after: Duration) -> Process {
    let mut process = Process::new(after);
    let mut file = open(&directory.data());
    process.restore(&mut file);
    process.counter("requests_total", 1).increment(4);
    process.gauge("temperature", 1).set(18.0);
    process.tick();
    process
}

#[test]
fn between_two_processes_there_is_a_marker_and_a_zero() {
    let directory = Directory::new();
    first_life(&directory, Duration::from_secs(17));
    let process = second_life(&directory, Duration::from_secs(62));
    let before = [(0, Some(0.0)), (5_000, Some(3.0)), (10_000, Some(5.0)), (15_000, Some(9.0))];
    let after = [(20_000, None), (60_000, Some(0.0)), (65_000, Some(4.0))];
    let requests = samples(process.store(), "requests_total");
    assert_eq!(requests, [&before[..], &after].concat());
    // 9 in the first life and 4 in the second, the fall to zero between them being a reset.
    let values: Vec<f64> = requests.iter().filter_map(|(_, value)| *value).collect();
    let rises = values.windows(2).map(|pair| if pair[1] < pair[0] { pair[1] } else { pair[1] - pair[0] });
    assert_eq!(rises.sum::<f64>(), 13.0);
    let gauge = [
        (5_000, Some(20.0)),
        (10_000, Some(21.0)),
        (15_000, Some(22.0)),
        (20_000, None),
        (65_000, Some(18.0)),
    ];
    assert_eq!(samples(process.store(), "temperature"), gauge);
    let up =
        [(5_000, Some(1.0)), (10_000, Some(1.0)), (15_000, Some(1.0)), (20_000, None), (65_000, Some(1.0))];
    assert_eq!(samples(process.store(), "up"), up);
    assert_eq!(samples(process.store(), "ended"), [(6_000, Some(1.0)), (7_000, None)], "it had its marker");
}

#[test]
fn a_restart_within_one_interval_leaves_room_for_both() {
    let directory = Directory::new();
    first_life(&directory, Duration::from_secs(16));
    let process = second_life(&directory, Duration::from_secs(17));
    let requests = samples(process.store(), "requests_total");
    assert_eq!(
        requests[3..],
        [(15_000, Some(9.0)), (15_001, None), (15_002, Some(0.0)), (20_000, Some(4.0))]
    );
}

#[test]
fn a_clock_that_was_set_back_does_not_take_the_samples_back() {
    let directory = Directory::new();
    first_life(&directory, Duration::from_secs(17));
    // Its clock stands at 2 s, where the samples go to 15 s.
    let mut process = second_life(&directory, Duration::from_secs(2));
    process.tick();
    let requests = samples(process.store(), "requests_total");
    let expected =
        [(15_000, Some(9.0)), (15_001, None), (15_002, Some(0.0)), (20_000, Some(4.0)), (25_000, Some(4.0))];
    assert_eq!(requests[3..], expected);
}

#[test]
fn a_clock_that_was_set_back_by_a_tick_leaves_room_for_the_zero() {
    let directory = Directory::new();
    let mut first = Process::new(Duration::ZERO);
    first.counter("requests_total", 1).increment(3);
    first.tick();
    let mut file = open(&directory.data());
    first.save(&mut file);
    // The very time of the last sample: a tick is due at once, and would be right behind the marker.
    let mut second = Process::new(Duration::from_secs(5));
    second.restore(&mut file);
    second.counter("requests_total", 1).increment(1);
    assert_eq!(second.sampler.tick(&second.registers), None);
    second.tick();
    let expected =
        [(0, Some(0.0)), (5_000, Some(3.0)), (5_001, None), (5_002, Some(0.0)), (10_000, Some(1.0))];
    assert_eq!(samples(second.store(), "requests_total"), expected);
}

#[test]
fn a_series_that_goes_on_with_another_interval_has_that_one() {
    let directory = Directory::new();
    first_life(&directory, Duration::from_secs(17));
    let mut process = Process::with_interval(Duration::from_secs(60), Duration::from_secs(30));
    let mut file = open(&directory.data());
    process.restore(&mut file);
    process.counter("requests_total", 1).increment(4);
    process.tick();
    let name = [tower_watch::series::Matcher::equal("__name__", "requests_total")];
    let selected = process.store().select(&name, BEGIN, BEGIN + 100_000, 100).unwrap();
    assert_eq!(selected[0].samples.resolution(0), 30_000);
}
