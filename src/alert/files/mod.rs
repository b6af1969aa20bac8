//! Rule and routing files on disk: which there are, what is in them, and whether they have changed.
//!
//! Files are looked at every few seconds by whoever ticks ([`Watched::look`]), not by a watcher of the system: a
//! look is a `stat` for each file, works on every file system, and sees the symlink that Kubernetes swaps under a mounted
//! ConfigMap. That there is news means that the *content* is another one; what is then read is read in full
//! ([`load`]), and either all of it counts or nothing.

mod glob;
#[cfg(unix)]
mod inode;
#[cfg(not(unix))]
#[path = "no_inode.rs"]
mod inode;
mod load;
mod stamp;
mod text;
mod watched;

pub(crate) use crate::alert::files::glob::expand;
pub use crate::alert::files::load::LoadError;
pub(crate) use crate::alert::files::load::{Loaded, Paths, load};
pub(crate) use crate::alert::files::text::text;
pub(crate) use crate::alert::files::watched::Watched;
