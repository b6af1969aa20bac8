//! What a file looks like from outside and inside.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::SystemTime;

use crate::alert::files::inode::inode;

/// Time, size and identity. A file of which these are the same is taken to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
    inode: (u64, u64),
}

impl Stamp {
    /// `None` where there is no such file now.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self { modified: metadata.modified().ok(), size: metadata.len(), inode: inode(&metadata) })
    }
}

/// The content as a number; `None` where it cannot be read. Not remembered over a restart, so any good hash does.
pub(super) fn content(path: &Path) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    match crate::alert::files::text(path) {
        Ok(text) => text.hash(&mut hasher),
        // A file that is there and is not what it should be is not the same as none.
        Err(message) => {
            path.exists().then_some(())?;
            message.hash(&mut hasher);
        }
    }
    Some(hasher.finish())
}
