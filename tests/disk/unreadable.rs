//! Files that are not what they should be. None stops the process, and none gives it wrong numbers.

use std::fs;

use redb::{Database, ReadableTable, TableDefinition};
use tower_watch::series::disk::{Opened, SeriesFile};
use tower_watch::series::{Selected, Store};

use crate::support::{Directory, everything, labels, open};

const SERIES: usize = 400;
const SAVES: usize = 3;

/// A store after so many rounds of one sample for each series.
fn store(rounds: usize) -> Store {
    let store = Store::new();
    for round in 0..rounds {
        for number in 0..SERIES {
            let value = (round * number) as f64 + 0.5;
            store.append(&labels("a", number), 1_000 * (round as i64 + 1), value).unwrap();
        }
    }
    store
}

/// A good file, and what each of its saves should come back as.
fn good_file(directory: &Directory) -> (Vec<u8>, Vec<Vec<Selected>>) {
    let mut file = open(&directory.data());
    for rounds in 1..=SAVES {
        file.save(&store(rounds), 10_000).unwrap();
    }
    drop(file);
    let bytes = fs::read(directory.file()).unwrap();
    let states = (1..=SAVES).map(|rounds| {
        let there = Directory::new();
        let mut file = open(&there.data());
        file.save(&store(rounds), 10_000).unwrap();
        let restored = Store::new();
        file.restore(&restored, 10_000).unwrap();
        everything(&restored)
    });
    (bytes, states.collect())
}

fn same(a: &[Selected], b: &[Selected]) -> bool {
    let bits = |all: &[Selected]| -> Vec<(String, Vec<i64>, Vec<u64>)> {
        let row = |one: &Selected| {
            let values = one.samples.values.iter().map(|value| value.to_bits()).collect();
            (one.labels.to_string(), one.samples.times.clone(), values)
        };
        all.iter().map(row).collect()
    };
    bits(a) == bits(b)
}

/// Opens what is in the place of the file. Says whether it was set aside; if not, one of the saves came back.
fn was_set_aside(directory: &Directory, states: &[Vec<Selected>], what: &str) -> bool {
    let Opened { mut file, set_aside, .. } = SeriesFile::open(&directory.data()).expect(what);
    let restored = Store::new();
    let counts = file.restore(&restored, 10_000).expect(what);
    assert_eq!(counts.skipped, 0, "{what}");
    let found = everything(&restored);
    if let Some(set_aside) = &set_aside {
        assert!(found.is_empty(), "{what}");
        assert!(set_aside.path().exists() && !set_aside.reason().is_empty(), "{what}: {set_aside}");
        assert!(set_aside.to_string().contains(".unreadable-"), "{set_aside}");
    } else {
        assert!(found.is_empty() || states.iter().any(|state| same(state, &found)), "{what}: wrong numbers");
    }
    // Whatever it was: it can be used.
    assert_eq!(file.save(&store(1), 10_000).expect(what).series, SERIES);
    set_aside.is_some()
}

#[test]
fn a_file_that_is_cut_off_is_set_aside() {
    let directory = Directory::new();
    let (bytes, states) = good_file(&directory);
    let length = bytes.len();
    for cut in [1, 9, 64, 319, 4_095, 4_096, 4_097, 8_192, length / 3, length / 2, length - 4_096, length - 1]
    {
        fs::write(directory.file(), &bytes[..cut]).unwrap();
        assert!(was_set_aside(&directory, &states, &format!("cut to {cut} of {length} bytes")));
    }
    assert_eq!(directory.set_aside().len(), 3, "only some are kept");
    fs::write(directory.file(), b"").unwrap();
    assert!(!was_set_aside(&directory, &states, "nothing at all"), "there is nothing to be looked at");
}

#[test]
fn a_file_with_wrong_bits_gives_no_wrong_numbers() {
    let directory = Directory::new();
    let (bytes, states) = good_file(&directory);
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize
    };
    let mut set_aside = 0;
    for round in 0..90 {
        let mut bad = bytes.clone();
        // Single bits of the header, single bits anywhere, and whole blocks.
        let at = if round % 3 == 0 { next() % 320 } else { next() % bad.len() };
        match round % 3 {
            2 => bad[at..].iter_mut().take(4_096).for_each(|byte| *byte = next() as u8),
            _ => bad[at] ^= 1 << (next() % 8),
        }
        fs::write(directory.file(), &bad).unwrap();
        set_aside += usize::from(was_set_aside(&directory, &states, &format!("round {round}, at {at}")));
    }
    // The rest hit what nobody reads: free pages, and the commit before the last.
    assert!((10..90).contains(&set_aside), "{set_aside}");
}

#[test]
fn what_is_no_database_is_set_aside() {
    let directory = Directory::new();
    drop(open(&directory.data()));
    fs::write(directory.file(), "a note of mine\n").unwrap();
    assert!(was_set_aside(&directory, &[], "a text"));
    fs::write(directory.file(), vec![0; 100_000]).unwrap();
    assert!(was_set_aside(&directory, &[], "zeros"));
    fs::remove_file(directory.file()).unwrap();
    fs::create_dir(directory.file()).unwrap();
    fs::write(directory.file().join("inside"), "mine").unwrap();
    assert!(was_set_aside(&directory, &[], "a directory"));
    let kept = directory.set_aside();
    let kept = kept.iter().filter(|name| directory.data().join(name).join("inside").exists()).count();
    assert_eq!(kept, 1, "what is in a directory is kept");
}

#[test]
fn the_database_of_another_program_or_version_is_set_aside() {
    let directory = Directory::new();
    drop(open(&directory.data()));
    fs::remove_file(directory.file()).unwrap();
    let other = Database::create(directory.file()).unwrap();
    let write = other.begin_write().unwrap();
    write.open_table(TableDefinition::<u64, u64>::new("orders")).unwrap().insert(1, 2).unwrap();
    write.commit().unwrap();
    drop(other);
    assert!(was_set_aside(&directory, &[], "another program's"));

    let ours = Database::open(directory.file()).unwrap();
    let write = ours.begin_write().unwrap();
    write.open_table(TableDefinition::<&str, i64>::new("meta")).unwrap().insert("format", 2).unwrap();
    write.commit().unwrap();
    drop(ours);
    let opened = SeriesFile::open(&directory.data()).unwrap();
    let reason = opened.set_aside.unwrap().reason().to_owned();
    assert!(reason.contains("format 2"), "{reason}");
}

#[test]
fn a_record_that_cannot_be_read_is_skipped() {
    let directory = Directory::new();
    let mut file = open(&directory.data());
    file.save(&store(3), 10_000).unwrap();
    drop(file);
    let table = TableDefinition::<u32, &[u8]>::new("series");
    let database = Database::open(directory.file()).unwrap();
    let write = database.begin_write().unwrap();
    {
        let mut table = write.open_table(table).unwrap();
        let mut damage = |slot: u32, how: &dyn Fn(Vec<u8>, usize) -> Vec<u8>| {
            let good = table.get(slot).unwrap().unwrap().value().to_vec();
            let history = 4 + 8 + "__name__a".len() + 8 + format!("number{slot}").len();
            table.insert(slot, &how(good, history)[..]).unwrap();
        };
        damage(1, &|_, _| b"nonsense".to_vec());
        damage(2, &|good, _| good[..good.len() - 1].to_vec());
        damage(3, &|good, _| [&good[..], b"more"].concat());
        // What begins the history: the shape, and the interval.
        damage(4, &|mut good, history| {
            good[history] = 2;
            good
        });
        damage(5, &|mut good, history| {
            good[history + 1..history + 9].copy_from_slice(&i64::MIN.to_le_bytes());
            good
        });
        // A second tier with the same samples as the first.
        damage(6, &|mut good, history| {
            let stream = good[history + 9..good.len() - 1].to_vec();
            *good.last_mut().unwrap() = 1;
            [&good[..], &60_000i64.to_le_bytes(), &stream, &[0]].concat()
        });
    }
    write.commit().unwrap();
    drop(database);
    let restored = open(&directory.data()).restore(&Store::new(), 10_000).unwrap();
    assert_eq!((restored.series, restored.skipped), (SERIES - 6, 6));
}

#[test]
fn a_file_on_which_processes_end_is_not_opened_for_ever() {
    let directory = Directory::new();
    let mut file = open(&directory.data());
    file.save(&store(1), 10_000).unwrap();
    drop(file);
    let lock = directory.data().join("series.lock");
    fs::write(&lock, "..").unwrap();
    drop(open(&directory.data()));
    assert_eq!(fs::metadata(&lock).unwrap().len(), 0, "it went well: the count begins anew");
    fs::write(&lock, "...").unwrap();
    let opened = SeriesFile::open(&directory.data()).unwrap();
    let reason = opened.set_aside.unwrap().reason().to_owned();
    assert!(reason.contains("3 times"), "{reason}");
    drop(opened.file);
    drop(open(&directory.data()));
}
