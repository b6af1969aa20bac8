//! The engine's memory on disk: one database file (`alerts.redb`) in the watch's data directory.
//!
//! Every part of the engine says what it wants remembered as records by table and key ([`Writes`]), and gets them back at the
//! start. All that one tick decides is one durable commit, made before anything is acted upon. Without a directory, or where
//! it cannot be written, the engine works in memory, and says so once.
//!
//! A commit waits for the disk (`fdatasync`); what a failing disk did not take is kept, the last record of each key, in at most
//! 64 MiB, and written with the next commit. The gauge `tower_watch_alert_state_available` says whether records are on disk.

mod disk;
mod pending;
mod schema;
mod writes;

pub(crate) use crate::alert::state::disk::Disk;
pub(crate) use crate::alert::state::writes::{Table, Write, Writes};
