//! A process that is killed in the middle of its saves.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use tower_watch::series::Store;
use tower_watch::series::disk::{DiskErrorKind, SeriesFile};

use crate::support::{Directory, Process, child, directory_of_child, everything, open, rows};

const SERIES: usize = 300;

/// Ticks and saves until it is killed. Each tick adds one to every counter; after each save it prints how many.
#[test]
#[ignore = "a child process of the test below"]
fn ticks_and_saves() {
    let Some(data) = directory_of_child() else { return };
    let mut process = Process::new(Duration::ZERO);
    let mut file = open(&data);
    process.restore(&mut file);
    let counters: Vec<_> = (0..SERIES).map(|number| process.counter("requests_total", number)).collect();
    for tick in 1u64.. {
        counters.iter().for_each(|counter| counter.increment(1));
        process.tick();
        process.save(&mut file);
        let mut out = std::io::stdout();
        writeln!(out, "saved {tick}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_process_loses_at_most_what_came_after_its_last_save() {
    let directory = Directory::new();
    for round in 0..20u64 {
        let mut command = child("killed::ticks_and_saves", &directory.data());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let saves = |line: std::io::Result<String>| -> Option<u64> {
            // The first one shares its line with the name of the test.
            line.unwrap().rsplit_once("saved ").map(|(_, tick)| tick.parse().unwrap())
        };
        let mut acknowledged = lines.by_ref().find_map(saves).unwrap();
        if round == 0 {
            let error = SeriesFile::open(&directory.data()).unwrap_err();
            assert_eq!(error.kind(), DiskErrorKind::Locked, "{error}");
        }
        std::thread::sleep(Duration::from_micros(round * 7_919 % 40_000));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = lines.filter_map(saves).last().unwrap_or(acknowledged);

        let store = Store::new();
        let restored = open(&directory.data()).restore(&store, i64::MAX / 4).unwrap();
        assert_eq!((restored.skipped, restored.series), (0, 0), "after so long a time nothing is left");
        let restored = open(&directory.data()).restore(&store, 0).unwrap();
        assert_eq!((restored.skipped, restored.dropped, restored.expired), (0, 0, 0));
        let mut counts = BTreeMap::new();
        for selected in everything(&store) {
            if selected.labels.name() == Some("requests_total") {
                let last = rows(&selected).filter_map(|(_, value)| value).last().unwrap();
                *counts.entry(last as u64).or_insert(0) += 1;
            }
        }
        // One that was durable but not yet said, at most; and all of one save.
        let (count, series) = counts.pop_first().unwrap();
        assert_eq!((series, counts.len()), (SERIES, 0), "round {round}: of one save");
        assert!(
            (acknowledged..=acknowledged + 1).contains(&count),
            "round {round}: {count} came back, {acknowledged} were saved"
        );
    }
    assert_eq!(directory.set_aside(), [""; 0]);
}
