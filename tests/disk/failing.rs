//! A disk that does not do what is asked of it.

use std::fs;
use std::path::Path;

use tower_watch::series::disk::{DiskError, DiskErrorKind, SeriesFile};

use crate::support::{Directory, open};

fn refused(path: &Path) -> DiskError {
    let error = SeriesFile::open(path).unwrap_err();
    assert!(error.to_string().contains(&error.path().display().to_string()), "no path in: {error}");
    error
}

#[test]
fn a_second_one_in_the_same_directory_is_refused() {
    let directory = Directory::new();
    let first = open(&directory.data());
    let error = refused(&directory.data());
    assert_eq!((error.kind(), error.path()), (DiskErrorKind::Locked, &*directory.data()));
    assert!(error.to_string().contains("a data directory of its own"), "{error}");
    drop(first);
    open(&directory.data());
}

#[test]
fn what_is_no_directory_is_refused() {
    let directory = Directory::new();
    let file = directory.path().join("file");
    fs::write(&file, "mine").unwrap();
    assert_eq!(refused(&file).kind(), DiskErrorKind::NotADirectory);
    assert_eq!(refused(&file.join("below")).kind(), DiskErrorKind::NotADirectory);
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[cfg(target_os = "linux")]
#[test]
fn where_nobody_may_write_it_is_refused() {
    // Nobody makes a directory there, not even root.
    let error = refused(Path::new("/proc/tower-watch"));
    assert!(error.to_string().contains("/proc/tower-watch"), "{error}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_what_was_made() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new();
    drop(open(&directory.data()));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory.data()), 0o700);
    assert_eq!(mode(&directory.file()), 0o600);
}

#[cfg(unix)]
mod full {
    use std::process::Command;

    use tower_watch::series::Store;
    use tower_watch::series::disk::DiskErrorKind;

    use crate::support::{Directory, child, directory_of_child, everything, labels, open};

    fn store(series: usize) -> Store {
        let store = Store::new();
        for number in 0..series {
            let long = labels("requests_total", number).with("padding", "x".repeat(2_000));
            store.append(&long, 1_000, number as f64).unwrap();
        }
        store
    }

    #[test]
    #[ignore = "a child process of the test below, with a limit on the size of its files"]
    fn saves_too_much() {
        let Some(data) = directory_of_child() else { return };
        let mut file = open(&data);
        file.save(&store(10), 2_000).unwrap();
        let error = file.save(&store(5_000), 3_000).unwrap_err();
        assert_eq!(error.kind(), DiskErrorKind::Full, "{error}");
        assert!(error.to_string().contains("free space"), "{error}");
        let kept = Store::new();
        assert_eq!(file.restore(&kept, 3_000).unwrap().series, 10, "the last save is still there");
        let saved = file.save(&store(20), 4_000).unwrap();
        assert_eq!((saved.series, saved.written, saved.set_aside.is_some()), (20, 20, false));
    }

    #[test]
    fn a_full_disk_keeps_the_last_save_and_takes_the_next_one_that_fits() {
        let directory = Directory::new();
        let limited = child("failing::full::saves_too_much", &directory.data());
        let mut command = Command::new("sh");
        // 8 MiB in blocks of 512 bytes, or 16 in shells that count in 1,024. A write beyond fails, and does not kill.
        command.args(["-c", "trap '' XFSZ; ulimit -f 16384; exec \"$0\" \"$@\""]);
        command.arg(limited.get_program()).args(limited.get_args());
        command.envs(limited.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        let store = Store::new();
        open(&directory.data()).restore(&store, 5_000).unwrap();
        assert_eq!(everything(&store).len(), 20);
    }
}
