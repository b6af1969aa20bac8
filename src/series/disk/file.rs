//! The snapshot: opened once, restored from once, saved to again and again.

use std::mem;
use std::path::Path;

use redb::Database;

use crate::disk::{DatabaseFile, surviving};
use crate::series::Store;
use crate::series::disk::restore::{self, Restored};
use crate::series::disk::save::{Saved, Saver};
use crate::series::disk::schema::SCHEMA;
use crate::series::disk::{DiskError, SetAside};

/// The snapshot of a [`Store`] in a data directory. See the [module](crate::series::disk).
///
/// ```
/// use std::sync::Arc;
/// use tower_watch::series::Store;
/// use tower_watch::series::disk::SeriesFile;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("tower-watch-doc-{}", std::process::id()));
/// let opened = SeriesFile::open(&directory)?;
/// if let Some(set_aside) = &opened.set_aside {
///     eprintln!("{set_aside}");
/// }
/// let mut file = opened.file;
/// let store = Arc::new(Store::new());
/// let now = 1_767_225_600_000;
/// let restored = file.restore(&store, now)?;
/// // Now a sampler fills the store, after `sampler.resume(latest)` with `restored.latest`. And now and then:
/// let saved = file.save(&store, now)?;
/// # assert_eq!((restored.series, saved.series), (0, 0));
/// # drop(file);
/// # std::fs::remove_dir_all(directory)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SeriesFile {
    // Before its place, which is locked until the database is closed.
    database: Option<Database>,
    saver: Saver,
    place: DatabaseFile,
}

/// A snapshot that was opened.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened {
    /// The snapshot.
    pub file: SeriesFile,
    /// What was found in its place and could not be read.
    pub set_aside: Option<SetAside>,
}

impl SeriesFile {
    /// Opens the snapshot in this data directory; makes both where they are not there. Reads the whole file once.
    ///
    /// A file that cannot be read (damaged, cut off, another program's, of a format of another version) is renamed,
    /// and an empty one takes its place.
    ///
    /// # Errors
    ///
    /// The directory cannot be made or used, another process has it, or its disk does not work.
    pub fn open(directory: &Path) -> Result<Opened, DiskError> {
        let place = DatabaseFile::claim(directory, &SCHEMA)?;
        let (database, set_aside) = place.open()?;
        let file = Self { database: Some(database), saver: Saver::default(), place };
        Ok(Opened { file, set_aside })
    }

    /// Fills an empty store with the snapshot. `now` is the present, in milliseconds since the Unix epoch.
    ///
    /// Each series that was going on gets a staleness marker after its last sample, so that nobody takes the time
    /// between the two processes for a time without events. What is too old for all tiers of the store's retention
    /// stays away, and so does what finds no room.
    ///
    /// # Errors
    ///
    /// The file cannot be read. A single record that cannot be is [counted](Restored::skipped) and no error.
    pub fn restore(&mut self, store: &Store, now: i64) -> Result<Restored, DiskError> {
        let (database, set_aside) = self.take_database()?;
        // Inside, the database is dropped too where that fails.
        let work = move || restore::restore(&database, store, now).map(|restored| (database, restored));
        let (database, restored) = surviving(self.place.path(), work)?;
        self.database = Some(database);
        Ok(Restored { set_aside, ..restored })
    }

    /// Writes the store down, durably: when this returns, a power cut loses nothing of it. `now` is the present, in
    /// milliseconds since the Unix epoch.
    ///
    /// It is one transaction: whatever happens meanwhile, the file has either all of this save or all of the last one.
    /// Blocks the thread while it writes, but never the store for longer than a fraction of a millisecond.
    ///
    /// # Errors
    ///
    /// The file cannot be written. It has the last save then, and the next call opens it anew and writes everything.
    pub fn save(&mut self, store: &Store, now: i64) -> Result<Saved, DiskError> {
        let (mut database, set_aside) = self.take_database()?;
        // After an error what is in the file is not known, and the next save writes everything.
        let mut saver = mem::take(&mut self.saver);
        let path = self.place.path();
        let work = move || {
            let saved = saver.save(&mut database, path, store, now)?;
            Ok((database, saver, saved))
        };
        let (database, saver, saved) = surviving(path, work)?;
        self.database = Some(database);
        self.saver = saver;
        Ok(Saved { set_aside, ..saved })
    }

    /// The database, opened where it is not. To be put back after use.
    fn take_database(&mut self) -> Result<(Database, Option<SetAside>), DiskError> {
        match self.database.take() {
            Some(database) => Ok((database, None)),
            None => self.place.open(),
        }
    }
}
