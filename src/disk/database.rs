//! A database: opened only where all of it can be read.
//!
//! redb has checksums for all that it writes, but it compares them only where a process ended without closing the
//! file; a damaged file that was closed makes it panic, now or at the next write. So each file is marked as one that was
//! not closed, its header is looked at before, and what panics all the same is caught (as far as panics unwind).

use std::any::Any;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use redb::{
    Builder, Database, ReadTransaction, ReadableDatabase, TableDefinition, TableHandle, WriteTransaction,
};

use crate::disk::DiskError;
use crate::disk::directory::private;

/// Facts about the file, by name.
pub(crate) const META: TableDefinition<'_, &str, i64> = TableDefinition::new("meta");
/// The version of the format.
const FORMAT: &str = "format";

/// The database's own memory.
const CACHE: usize = 4 << 20;

/// What a database is to have in it.
#[derive(Debug)]
pub(crate) struct Schema {
    /// The name of the file.
    pub(crate) file: &'static str,
    /// The name of the file that is locked by who has the database.
    pub(crate) lock: &'static str,
    /// The only version of the format that is read.
    pub(crate) version: i64,
    /// So often in a row may opening end the process before the file is taken for the reason.
    pub(crate) patience: u64,
    /// A database without one of these tables (beside [`META`]) is another program's.
    pub(crate) tables: &'static [&'static str],
    /// Opens all tables, and so makes them.
    pub(crate) make: fn(&WriteTransaction) -> Result<(), redb::Error>,
    /// Opens those tables, to see that they are of their types.
    pub(crate) check: fn(&ReadTransaction) -> Result<(), redb::Error>,
}

/// Why a database was not opened.
pub(crate) enum Fault {
    /// Its content is to blame.
    Unreadable(String),
    /// Its content is not.
    Disk(DiskError),
}

/// Opens the database, or makes it where there is nothing.
pub(crate) fn open(path: &Path, schema: &Schema) -> Result<Database, Fault> {
    let disk = |error| Fault::Disk(DiskError::io(path, error));
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(Fault::Unreadable("it is not a file".into())),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(disk(error)),
        _ => {}
    }
    let file = private().open(path).map_err(disk)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Err(Fault::Disk(DiskError::locked(path))),
        Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
            return Err(disk(error));
        }
        _ => {}
    }
    if let Some(fault) = fault_of_header(&file).map_err(disk)? {
        return Err(Fault::Unreadable(fault.into()));
    }
    mark_as_not_closed(&file).map_err(disk)?;
    // The database takes it again.
    let _ = file.unlock();
    match catch_unwind(AssertUnwindSafe(|| open_and_check(file, schema))) {
        Ok(Ok(opened)) => opened.map_err(Fault::Unreadable),
        Ok(Err(redb::Error::Io(error)))
            if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
        {
            Err(Fault::Unreadable("it is cut off or damaged".into()))
        }
        Ok(Err(error @ (redb::Error::Io(_) | redb::Error::DatabaseAlreadyOpen))) => {
            Err(Fault::Disk(DiskError::database(path, error)))
        }
        Ok(Err(error)) => Err(Fault::Unreadable(error.to_string())),
        Err(panic) => Err(Fault::Unreadable(format!("it is damaged: {}", message(&*panic)))),
    }
}

fn open_and_check(file: File, schema: &Schema) -> Result<Result<Database, String>, redb::Error> {
    let database = Builder::new().set_cache_size(CACHE).create_file(file)?;
    Ok(match fault_of_content(&database, schema)? {
        Some(fault) => Err(fault),
        None => Ok(database),
    })
}

/// Whether the content is another program's. Makes the tables where there is none.
fn fault_of_content(database: &Database, schema: &Schema) -> Result<Option<String>, redb::Error> {
    let read = database.begin_read()?;
    let tables: Vec<String> = read.list_tables()?.map(|table| table.name().to_owned()).collect();
    if tables.is_empty() && read.list_multimap_tables()?.next().is_none() {
        drop(read);
        let write = database.begin_write()?;
        write.open_table(META)?.insert(FORMAT, schema.version)?;
        (schema.make)(&write)?;
        write.commit()?;
        return Ok(None);
    }
    let mut needed = schema.tables.iter().copied().chain([META.name()]);
    if needed.any(|ours| !tables.iter().any(|table| table == ours)) {
        return Ok(Some("it is the database of another program".into()));
    }
    (schema.check)(&read)?;
    let version = read.open_table(META)?.get(FORMAT)?.map(|version| version.value());
    Ok(match version {
        Some(found) if found == schema.version => None,
        Some(other) => Some(format!("it has format {other}, and this version reads only {}", schema.version)),
        None => Some("it does not say its format".into()),
    })
}

/// What is wrong with the first bytes of the file, or with its length for what they say. After redb's description of
/// its format: <https://github.com/cberner/redb/blob/master/docs/design.md>.
fn fault_of_header(file: &File) -> io::Result<Option<&'static str>> {
    const MAGIC: [u8; 9] = *b"redb\x1a\x0a\xa9\x0d\x0a";
    const PAGE: u64 = 4_096;
    const MOST_PAGES: u64 = 1 << 20;
    let length = file.metadata()?.len();
    if length == 0 {
        return Ok(None);
    }
    let mut header = Vec::new();
    file.take(PAGE).read_to_end(&mut header)?;
    if !header.starts_with(&MAGIC) {
        return Ok(Some("it is no database"));
    }
    if header.len() < PAGE as usize {
        return Ok(Some("it is cut off"));
    }
    let number = |at: usize| {
        u64::from(u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]))
    };
    let [page, region_header, region, full_regions, last_region] = [12, 16, 20, 24, 28].map(number);
    if page != PAGE
        || region_header > MOST_PAGES
        || !(1..=MOST_PAGES).contains(&region)
        || last_region > region
    {
        return Ok(Some("its header is damaged"));
    }
    let last = if last_region == 0 { 0 } else { region_header + last_region };
    let pages = 1 + full_regions * (region_header + region) + last;
    Ok((length % PAGE != 0 || length / PAGE < pages).then_some("it is cut off"))
}

/// Has redb compare all checksums when it opens the file, and go back to the commit before the last where those of the
/// last one do not fit: the second bit of the header's flags says that the file was not closed, the third one that the
/// last commit need not be looked at.
fn mark_as_not_closed(mut file: &File) -> io::Result<()> {
    const FLAGS: u64 = 9;
    if file.metadata()?.len() == 0 {
        return Ok(());
    }
    let mut flags = [0];
    file.seek(SeekFrom::Start(FLAGS))?;
    file.read_exact(&mut flags)?;
    file.seek(SeekFrom::Start(FLAGS))?;
    file.write_all(&[flags[0] & !0b100 | 0b010])
}

/// Does something with the database, and survives its panic: a file that was damaged while it was open.
pub(crate) fn surviving<T>(
    path: &Path,
    work: impl FnOnce() -> Result<T, redb::Error>,
) -> Result<T, DiskError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(|error| DiskError::database(path, error)),
        Err(panic) => {
            let damage = format!("it is damaged: {}", message(&*panic));
            Err(DiskError::io(path, io::Error::other(damage)))
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("the database gave up")
}
