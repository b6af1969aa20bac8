//! Database files in the data directory: what the series store and the alert engine have alike on disk.
//!
//! A [`DatabaseFile`] is had by one process at a time, is readable by its owner only, and is opened only where all of it can
//! be read: what cannot is moved out of the way, for a person to look at. What is in it is known to who has it. Nothing here
//! logs: results say what happened.
//!
//! The length of the lock's file is there for what no error can say: a damaged file on which opening ends the whole
//! process (out of memory, or a panic where panics abort). After some of those in a row the file is set aside unopened; how
//! many is for each database to say, since a process that is killed for another reason while it opens a file counts too.

mod aside;
mod database;
mod directory;
mod error;
mod file;

pub use crate::disk::aside::SetAside;
pub(crate) use crate::disk::database::{META, Schema, surviving};
pub use crate::disk::error::{DiskError, DiskErrorKind};
pub(crate) use crate::disk::file::DatabaseFile;
