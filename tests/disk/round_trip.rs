//! What is saved comes back, whatever the tiers were and are.

use std::time::Duration;

use tower_watch::series::{Labels, Retention, STALE, Selected, Store, StoreSettings, is_stale};

use crate::support::{BEGIN, Directory, Process, everything, labels, open, rows};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

fn three_tiers() -> Retention {
    Retention::new(5 * MINUTE).thinned(MINUTE, HOUR).thinned(10 * MINUTE, 6 * HOUR)
}

/// Nine hours of a counter that begins again after five, and of a gauge with all kinds of values; and of a series that
/// ended.
fn nine_hours() -> Process {
    let settings = StoreSettings::new().with_retention(three_tiers());
    let mut process = Process::with_store(Duration::ZERO, &settings);
    let special = [0.1, -0.0, f64::NAN, f64::INFINITY, 1e300, 7.0];
    let mut counter = process.counter("requests_total", 1);
    let mut gauge = process.gauge("temperature", 1);
    for tick in 0..6_480usize {
        if tick == 3_600 {
            process.restart_in_place();
            counter = process.counter("requests_total", 1);
            gauge = process.gauge("temperature", 1);
        }
        counter.increment(tick as u64 % 3);
        gauge.set(special[tick / 7 % special.len()]);
        process.tick();
    }
    let end = process.sampler.now();
    process.store().append(&labels("ended", 1), end - 20_000, 1.0).unwrap();
    process.store().append(&labels("ended", 1), end - 10_000, STALE).unwrap();
    process
}

/// The samples without markers, to the bit.
fn values(selected: &Selected) -> Vec<(i64, u64)> {
    let both = selected.samples.times.iter().zip(&selected.samples.values);
    both.filter(|(_, value)| !is_stale(**value)).map(|(time, value)| (*time, value.to_bits())).collect()
}

/// How much a counter grew from a sample on, resets added.
fn increase(selected: &Selected, from: i64) -> f64 {
    let since = rows(selected).filter(|(time, _)| time + BEGIN >= from);
    let values: Vec<f64> = since.filter_map(|(_, value)| value).collect();
    values.windows(2).map(|pair| if pair[1] < pair[0] { pair[1] } else { pair[1] - pair[0] }).sum()
}

fn named<'s>(all: &'s [Selected], name: &str) -> &'s Selected {
    all.iter().find(|selected| selected.labels.name() == Some(name)).unwrap()
}

fn store_with(retention: Retention) -> Store {
    Store::with_settings(&StoreSettings::new().with_retention(retention))
}

#[test]
fn all_tiers_come_back() {
    let directory = Directory::new();
    let mut process = nine_hours();
    let mut file = open(&directory.data());
    let saved = process.save(&mut file);
    let before = everything(process.store());
    assert_eq!((saved.series, saved.written), (before.len(), before.len()));
    drop(file);

    let now = process.sampler.now() + 1_000;
    let mut file = open(&directory.data());
    let store = store_with(three_tiers());
    let restored = file.restore(&store, now).unwrap();
    let after = everything(&store);
    assert_eq!(
        (restored.series, restored.dropped, restored.expired, restored.skipped),
        (after.len(), 0, 0, 0)
    );
    assert_eq!(restored.samples, store.size().samples);
    assert_eq!(restored.saved, Some(now - 1_000));
    assert_eq!(after.len(), before.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.labels, after.labels);
        let (all, kept) = (values(before), values(after));
        assert!(
            kept.iter().all(|sample| all.contains(sample)),
            "{} has samples that were not there",
            after.labels
        );
        // In between, each series had its turn to be thinned: a minute's worth may have moved on.
        assert!(all.len() - kept.len() <= 13, "{}: {} of {}", after.labels, kept.len(), all.len());
        assert_eq!(all[all.len().saturating_sub(40)..], kept[kept.len().saturating_sub(40)..]);
    }
    let requests = named(&after, "requests_total");
    let resolutions: Vec<i64> =
        (0..requests.samples.len()).map(|at| requests.samples.resolution(at)).collect();
    for resolution in [600_000, 60_000, 5_000] {
        assert!(resolutions.contains(&resolution), "no tier of {resolution} ms");
    }
    let from = requests.samples.times[0];
    assert_eq!(increase(requests, from), increase(named(&before, "requests_total"), from));

    // What was restored and is saved again is the same to the bit.
    file.save(&store, now).unwrap();
    let again = store_with(three_tiers());
    file.restore(&again, now).unwrap();
    let again = everything(&again);
    for (after, again) in after.iter().zip(&again) {
        assert_eq!(values(after), values(again));
        assert_eq!(after.samples.times, again.samples.times);
        for at in 0..after.samples.len() {
            assert_eq!(after.samples.resolution(at), again.samples.resolution(at));
        }
    }
}

#[test]
fn other_tiers_take_what_fits_them() {
    let directory = Directory::new();
    let mut process = nine_hours();
    let mut file = open(&directory.data());
    process.save(&mut file);
    let now = process.sampler.now();
    let before = everything(process.store());
    let grown = increase(named(&before, "requests_total"), 0);
    let restore = |file: &mut tower_watch::series::disk::SeriesFile, retention: Retention| {
        let store = store_with(retention);
        let restored = file.restore(&store, now).unwrap();
        assert_eq!((restored.series, restored.skipped), (before.len(), 0));
        everything(&store)
    };

    let after = restore(&mut file, Retention::new(10 * MINUTE));
    let requests = named(&after, "requests_total");
    let old = requests.samples.times.iter().filter(|time| **time < now - 600_000).count();
    assert_eq!(old, 1, "one sample older than the only tier");

    let after = restore(&mut file, Retention::new(5 * MINUTE).thinned(2 * MINUTE, 12 * HOUR));
    let requests = named(&after, "requests_total");
    assert_eq!(increase(requests, 0), grown, "nothing that counts is lost when it becomes thinner");
    let in_second_tier = requests.samples.times.iter().filter(|time| **time < now - 300_000).count();
    assert!((60..=110).contains(&in_second_tier), "{in_second_tier} samples: an hour by 2 min, five by 10");

    let more = three_tiers().thinned(HOUR, 48 * HOUR);
    assert_eq!(increase(named(&restore(&mut file, more), "requests_total"), 0), grown);
    let raw = restore(&mut file, Retention::new(48 * HOUR));
    assert_eq!(values(named(&raw, "requests_total")), values(named(&before, "requests_total")));
}

#[test]
fn any_text_can_be_a_label() {
    let directory = Directory::new();
    let store = Store::new();
    let odd = Labels::new([
        ("__name__", "odd\nname"),
        ("a\"b", "\u{1f980}"),
        ("long", &"x".repeat(100_000)),
        ("z", "\0"),
    ]);
    for labels in [odd, Labels::default()] {
        store.append(&labels, 1_000, 2.5).unwrap();
        store.append(&labels, 2_000, STALE).unwrap();
    }
    let mut file = open(&directory.data());
    file.save(&store, 3_000).unwrap();
    let again = Store::new();
    assert_eq!(file.restore(&again, 3_000).unwrap().series, 2);
    let (before, after) = (everything(&store), everything(&again));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.labels, after.labels);
        assert_eq!(rows(before).collect::<Vec<_>>(), rows(after).collect::<Vec<_>>());
    }
}

#[test]
fn what_is_too_old_or_too_much_stays_away() {
    let directory = Directory::new();
    let mut process = Process::new(Duration::ZERO);
    let counters: Vec<_> = (0..10).map(|number| process.counter("requests_total", number)).collect();
    counters.iter().for_each(|counter| counter.increment(1));
    process.tick();
    process.tick();
    let mut file = open(&directory.data());
    let saved = process.save(&mut file);
    let now = process.sampler.now();

    let small = Store::with_settings(&StoreSettings::new().with_max_series(4));
    let restored = file.restore(&small, now).unwrap();
    assert_eq!((restored.series, restored.dropped), (4, saved.series - 4));
    assert_eq!(small.size().series, 4);

    let store = Store::new();
    let restored = file.restore(&store, now + 40 * 24 * 3_600_000).unwrap();
    assert_eq!((restored.series, restored.expired, restored.latest), (0, saved.series, None));

    file.restore(&store, now).unwrap();
    let twice = file.restore(&store, now).unwrap();
    assert_eq!((twice.series, twice.skipped), (0, saved.series), "the store is not empty");
}
