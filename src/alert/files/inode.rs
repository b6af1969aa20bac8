//! Which file it is, whatever its name.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

pub(super) fn inode(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}
