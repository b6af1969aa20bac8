//! Only what changed is written, and the file does not grow without bound.

use std::fs;
use std::time::Duration;

use tower_watch::series::{STALE, Store};

use crate::support::{BEGIN, Directory, Process, labels, open};

#[test]
fn only_what_changed_is_written() {
    let directory = Directory::new();
    let mut file = open(&directory.data());
    let mut process = Process::new(Duration::ZERO);
    for number in 0..2_000 {
        process.store().append(&labels("a", number), BEGIN, number as f64).unwrap();
    }
    let counts = |saved: tower_watch::series::disk::Saved| (saved.series, saved.written, saved.removed);
    assert_eq!(counts(process.save(&mut file)), (2_000, 2_000, 0));
    assert_eq!(counts(process.save(&mut file)), (2_000, 0, 0));
    process.store().append(&labels("a", 7), BEGIN + 1_000, 1.0).unwrap();
    process.store().append(&labels("b", 0), BEGIN + 1_000, 1.0).unwrap();
    assert_eq!(counts(process.save(&mut file)), (2_001, 2, 0));

    // Half of them end; after eight days and a turn for each the store forgets these, and so does the file.
    for number in 0..1_000 {
        process.store().append(&labels("a", number), BEGIN + 2_000, STALE).unwrap();
    }
    process.hand.advance(Duration::from_secs(8 * 24 * 3_600));
    let now = BEGIN + 8 * 24 * 3_600_000;
    for others in (1_000..2_000).map(|number| labels("a", number)).chain([labels("b", 0)]) {
        process.store().append(&others, now, 1.0).unwrap();
    }
    for _ in 0..12 {
        process.tick();
    }
    let saved = process.save(&mut file);
    assert_eq!(saved.removed, 1_000);
    assert_eq!(saved.series, process.store().size().series);
    let again = Store::new();
    // Early enough for those that had not ended.
    assert_eq!(file.restore(&again, BEGIN).unwrap().series, saved.series);
}

#[test]
fn many_saves_do_not_make_it_grow() {
    let directory = Directory::new();
    let mut file = open(&directory.data());
    let mut process = Process::new(Duration::ZERO);
    let counters: Vec<_> = (0..500).map(|number| process.counter("requests_total", number)).collect();
    let mut sizes = Vec::new();
    for round in 0..60 {
        for (number, counter) in counters.iter().enumerate() {
            counter.increment((number * round % 977) as u64);
        }
        process.tick();
        sizes.push(process.save(&mut file).bytes);
    }
    let largest = sizes.iter().max().unwrap();
    assert!(*largest < 4 << 20, "{sizes:?}");
}

#[test]
fn what_is_mostly_free_is_compacted() {
    let directory = Directory::new();
    let mut file = open(&directory.data());
    let store = Store::new();
    for number in 0..8_000 {
        let long = labels("requests_total", number).with("padding", "x".repeat(2_000));
        store.append(&long, 1_000, 1.0).unwrap();
    }
    let large = file.save(&store, 2_000).unwrap();
    assert!(large.bytes > 16_000_000 && !large.compacted, "{large:?}");
    // The same again, less three of four.
    let few = Store::new();
    for number in (0..8_000).filter(|number| number % 40 == 0) {
        few.append(&labels("requests_total", number), 1_000, 1.0).unwrap();
    }
    let small = file.save(&few, 3_000).unwrap();
    assert!(small.compacted && small.bytes < large.bytes / 4, "{small:?}");
    assert_eq!(fs::metadata(directory.file()).unwrap().len(), small.bytes);
    let again = Store::new();
    assert_eq!(file.restore(&again, 3_000).unwrap().series, 200);
}

#[test]
fn the_first_save_of_a_process_leaves_nothing_of_the_one_before() {
    let directory = Directory::new();
    for series in [100, 10] {
        let mut file = open(&directory.data());
        let store = Store::new();
        (0..series).for_each(|number| store.append(&labels("a", number), 1_000, 1.0).unwrap());
        assert_eq!(file.save(&store, 2_000).unwrap().series, series);
        let again = Store::new();
        assert_eq!(file.restore(&again, 2_000).unwrap().series, series);
    }
}
