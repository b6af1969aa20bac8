//! A file that is rotated.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tower_watch::telemetry::logs::{JsonLayer, LogWriter, Rotation, Sink};
use tracing::info;

use crate::support::{Folder, parse, with_layer};

const PATIENCE: Duration = Duration::from_secs(10);

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn log(writer: &LogWriter, number: usize, padding: usize) {
    with_layer(JsonLayer::new(writer.clone()), || info!(number, padding = "x".repeat(padding)));
    assert!(writer.flush_within(PATIENCE));
}

fn numbers(path: &Path) -> Vec<u64> {
    let text = fs::read_to_string(path).unwrap();
    text.split_inclusive('\n').map(|line| parse(line)["number"].as_u64().unwrap()).collect()
}

#[test]
fn lines_are_appended_and_the_folder_is_made() {
    let folder = Folder::new("appended");
    let path = folder.0.join("deep/er/orders.log");
    for number in 0..3 {
        log(&Sink::from(Sink::file(&path)).open().unwrap(), number, 0);
    }
    assert_eq!(numbers(&path), [0, 1, 2]);
}

#[test]
fn a_file_is_rotated_by_size_and_the_oldest_are_removed() {
    let folder = Folder::new("size");
    let path = folder.0.join("orders.log");
    for foreign in ["orders.txt", "orders.old.log", "orders.2026-01-01T000000.000.log.gz"] {
        fs::write(folder.0.join(foreign), "").unwrap();
    }
    let sink = Sink::file(&path).rotate_at(64 * 1024).rotate_every(Rotation::Never).keep(2);
    let writer = Sink::from(sink).open().unwrap();
    for number in 0..60 {
        log(&writer, number, 8_000);
    }
    let names = names(&folder.0);
    let rotated: Vec<_> =
        names.iter().filter(|name| name.len() == "orders.2026-01-01T000000.000.log".len()).collect();
    assert_eq!(rotated.len(), 2, "{names:?}");
    assert_eq!(names.len(), 2 + 1 + 3, "nothing else is touched: {names:?}");
    let mut all: Vec<u64> = rotated.iter().flat_map(|name| numbers(&folder.0.join(name))).collect();
    all.extend(numbers(&path));
    let first = all[0];
    assert_eq!(
        all,
        (first..60).collect::<Vec<_>>(),
        "no line is lost between files, and they sort by their names"
    );
    for name in rotated {
        assert!(fs::metadata(folder.0.join(name)).unwrap().len() <= 64 * 1024);
    }
}

#[test]
fn a_file_of_yesterday_is_rotated_by_its_day() {
    let folder = Folder::new("day");
    let path = folder.0.join("orders.log");
    fs::write(&path, "{\"number\":0}\n").unwrap();
    let yesterday = std::time::SystemTime::now() - Duration::from_secs(86_400);
    fs::File::options().append(true).open(&path).unwrap().set_modified(yesterday).unwrap();
    log(&Sink::from(Sink::file(&path).rotate_every(Rotation::Daily)).open().unwrap(), 1, 0);
    let names = names(&folder.0);
    assert_eq!((names.len(), numbers(&path)), (2, vec![1]), "{names:?}");
    assert_eq!(numbers(&folder.0.join(&names[0])), [0]);
}

#[test]
fn a_file_that_somebody_took_away_is_made_again() {
    let folder = Folder::new("taken");
    let path = folder.0.join("orders.log");
    let writer = Sink::from(Sink::file(&path)).open().unwrap();
    log(&writer, 0, 0);
    fs::rename(&path, folder.0.join("moved")).unwrap();
    let mut number = 1;
    while !path.exists() {
        assert!(number < 500, "it is looked once a second");
        std::thread::sleep(Duration::from_millis(20));
        log(&writer, number, 0);
        number += 1;
    }
    let mut all = numbers(&folder.0.join("moved"));
    all.extend(numbers(&path));
    assert_eq!(all, (0..number as u64).collect::<Vec<_>>());
}

#[test]
fn a_file_that_cannot_be_is_a_clear_error() {
    let folder = Folder::new("cannot");
    fs::write(folder.0.join("file"), "").unwrap();
    for path in [folder.0.join("file/orders.log"), folder.0.clone(), "/".into()] {
        let error = Sink::from(Sink::file(&path)).open().unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()) && error.contains("give a file"), "{error}");
    }
}

/// As logrotate does with `create`: the name is never without a file.
#[test]
fn a_file_that_somebody_replaced_is_opened_anew() {
    let folder = Folder::new("replaced");
    let path = folder.0.join("orders.log");
    let writer = Sink::from(Sink::file(&path)).open().unwrap();
    log(&writer, 0, 0);
    fs::rename(&path, folder.0.join("moved")).unwrap();
    fs::write(&path, "").unwrap();
    let mut number = 1;
    while fs::metadata(&path).unwrap().len() == 0 {
        assert!(number < 500, "it is looked once a second");
        std::thread::sleep(Duration::from_millis(20));
        log(&writer, number, 0);
        number += 1;
    }
    let mut all = numbers(&folder.0.join("moved"));
    all.extend(numbers(&path));
    assert_eq!(all, (0..number as u64).collect::<Vec<_>>());
}
