//! Which file it is: not known here. Its time and its size have to do.

use std::fs::Metadata;

pub(super) fn inode(_: &Metadata) -> (u64, u64) {
    (0, 0)
}
