//! A file that is damaged while it is open: by a disk, or by a person.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};

use tower_watch::series::{Labels, Store};

use crate::support::{Directory, everything, open};

const SERIES: usize = 3_000;

/// Series whose records are more than what the database has in memory of its file.
fn append(store: &Store, round: i64) {
    for number in 0..SERIES {
        let labels = Labels::new([("__name__", "a".to_owned()), ("n", format!("{number:02000}"))]);
        store.append(&labels, round * 1_000, round as f64 + 0.5).unwrap();
    }
}

#[test]
fn it_is_an_error_and_the_next_save_begins_anew() {
    let directory = Directory::new();
    let store = Store::new();
    let mut file = open(&directory.data());
    append(&store, 1);
    file.save(&store, 1_000).unwrap();
    let mut raw = OpenOptions::new().write(true).open(directory.file()).unwrap();
    let behind_the_header = 4_096;
    let length = raw.metadata().unwrap().len() - behind_the_header;
    raw.seek(SeekFrom::Start(behind_the_header)).unwrap();
    raw.write_all(&vec![0xa5; length as usize]).unwrap();

    append(&store, 2);
    let error = file.save(&store, 2_000).unwrap_err();
    assert_eq!(error.path(), directory.file());
    let saved = file.save(&store, 2_000).unwrap();
    assert_eq!((saved.written, saved.set_aside.is_some()), (SERIES, true));
    drop(file);
    let restored = Store::new();
    open(&directory.data()).restore(&restored, 2_000).unwrap();
    assert_eq!(everything(&restored).len(), SERIES);
}
