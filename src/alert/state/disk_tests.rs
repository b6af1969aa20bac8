use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use super::Disk;
use crate::alert::state::{Table, Writes};
use crate::disk::DiskErrorKind;
use crate::registers::Registers;

/// A data directory for one test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("tower-watch-state-{}-{number}", std::process::id())))
    }

    fn open(&self) -> Disk {
        Disk::open(&self.0).unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn put(key: &str, record: &str) -> Writes {
    let mut writes = Writes::new();
    writes.put(Table::Silences, key, &record);
    writes
}

fn silences(disk: &Disk) -> Vec<(String, String)> {
    disk.load(Table::Silences)
}

fn record(key: &str, record: &str) -> (String, String) {
    (key.to_owned(), record.to_owned())
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let directory = Directory::new();
    let disk = directory.open();
    let mut writes = put("a", "first");
    writes.put(Table::Silences, "b", &"other");
    writes.put(Table::Debts, "a", &"of another table");
    disk.commit(writes);
    let mut writes = put("a", "second");
    writes.delete(Table::Silences, "b");
    disk.commit(writes);
    assert_eq!(silences(&disk), [record("a", "second")]);
    drop(disk);
    let disk = directory.open();
    assert_eq!(silences(&disk), [record("a", "second")]);
    assert_eq!(disk.load::<String>(Table::Debts), [record("a", "of another table")]);
    assert!(disk.is_available());
}

#[test]
fn a_record_that_cannot_be_read_hides_no_other() {
    let directory = Directory::new();
    let disk = directory.open();
    disk.commit(put("a", "text"));
    let mut writes = Writes::new();
    writes.put(Table::Silences, "b", &7);
    disk.commit(writes);
    assert_eq!(silences(&disk), [record("a", "text")]);
}

#[test]
fn nowhere_forgets_and_says_so_in_its_gauge() {
    let registers = Registers::new();
    let disk = Disk::open_or_nowhere(None, &registers);
    disk.commit(put("a", "text"));
    assert_eq!(silences(&disk), []);
    assert_eq!(registers.snapshot().gauge("tower_watch_alert_state_available", &[]), 0.0);
    assert!(!disk.is_available());
}

#[test]
fn a_directory_that_another_has_is_left_alone() {
    let (directory, registers) = (Directory::new(), Registers::new());
    let first = directory.open();
    assert_eq!(Disk::open(&directory.0).unwrap_err().kind(), DiskErrorKind::Locked);
    let second = Disk::open_or_nowhere(Some(&directory.0), &registers);
    second.commit(put("a", "second"));
    assert_eq!(registers.snapshot().gauge("tower_watch_alert_state_available", &[]), 0.0);
    first.commit(put("a", "first"));
    assert_eq!(silences(&first), [record("a", "first")]);
}

#[test]
fn what_a_failing_disk_did_not_take_is_written_when_it_works_again() {
    let (directory, registers) = (Directory::new(), Registers::new());
    let disk = Disk::open_or_nowhere(Some(&directory.0), &registers);
    let available = || registers.snapshot().gauge("tower_watch_alert_state_available", &[]);
    disk.commit(put("a", "before"));
    assert_eq!(available(), 1.0);
    // Nobody else can open the database while it is held.
    let held = disk.file().unwrap().database.take();
    for number in 0..10 {
        disk.commit(put("a", &format!("meanwhile {number}")));
        disk.commit(put("b", &format!("meanwhile {number}")));
    }
    assert_eq!((available(), disk.is_available()), (0.0, false));
    assert_eq!(disk.file().unwrap().pending.take().0.len(), 2, "one write for each key");
    disk.commit(put("a", "meanwhile"));
    drop(held);
    let mut writes = Writes::new();
    writes.delete(Table::Silences, "b");
    disk.commit(writes);
    assert_eq!((available(), disk.is_available()), (1.0, true));
    drop(disk);
    assert_eq!(silences(&directory.open()), [record("a", "meanwhile")]);
}

#[test]
fn a_damaged_file_is_set_aside_and_the_engine_begins_anew() {
    let directory = Directory::new();
    drop(directory.open());
    std::fs::write(directory.0.join("alerts.redb"), "this is no database").unwrap();
    let disk = directory.open();
    assert_eq!(silences(&disk), []);
    disk.commit(put("a", "text"));
    assert_eq!(silences(&disk), [record("a", "text")]);
    let names = std::fs::read_dir(&directory.0).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.filter(|name| name.to_string_lossy().contains("unreadable")).count(), 1);
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new();
    drop(directory.open());
    for name in ["alerts.redb", "alerts.lock"] {
        let mode = std::fs::metadata(directory.0.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
#[ignore = "a measurement"]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement of real time, for the reader"
)]
fn what_a_commit_costs() {
    let directory = Directory::new();
    let disk = directory.open();
    let record = "x".repeat(700);
    for records in [1usize, 100, 10_000] {
        let mut times: Vec<_> = (0..if records > 1_000 { 20 } else { 400 })
            .map(|round| {
                let mut writes = Writes::new();
                for number in 0..records {
                    writes.put(Table::Debts, format!("{:08}", (round * 37 + number) % 20_000), &record);
                }
                let began = Instant::now();
                disk.commit(writes);
                began.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!(
            "{records} records: median {:?}, p99 {:?}",
            times[times.len() / 2],
            times[times.len() * 99 / 100]
        );
    }
}
