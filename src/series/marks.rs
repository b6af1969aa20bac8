//! Places in a compressed row of samples from which it can be read, so that whoever asks about the present does not
//! begin with the past.
//!
//! One for about every hundred bytes of operations, in the order of time. A row that does not change has none.

use crate::series::stream::Sample;

/// How many bytes of operations lie between two marks, at least.
const EVERY: usize = 96;

/// What has been read before `at`: the last operation there gave `sample`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) sample: Sample,
    pub(crate) at: u32,
}

/// The marks of one row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks(Vec<Mark>);

impl Marks {
    /// Marks this place, where the last mark, or the beginning of the row at `head`, is far enough.
    #[inline]
    pub(crate) fn offer(&mut self, head: u32, at: usize, sample: Sample) {
        let last = self.0.last().map_or(head, |mark| mark.at.max(head)) as usize;
        if at >= last + EVERY {
            self.0.reserve_exact(1);
            self.0.push(Mark { sample, at: at as u32 });
        }
    }

    /// The last mark before a time.
    pub(crate) fn before(&self, time: i64) -> Option<Mark> {
        let after = self.0.partition_point(|mark| mark.sample.time < time);
        after.checked_sub(1).map(|last| self.0[last])
    }

    /// Follows a row that has lost its first `bytes`.
    pub(crate) fn shift(&mut self, bytes: u32) {
        self.0.retain_mut(|mark| {
            let stays = mark.at > bytes;
            mark.at = mark.at.wrapping_sub(bytes);
            stays
        });
    }

    pub(crate) fn clear(&mut self) {
        self.0 = Vec::new();
    }

    /// The memory on the heap, in bytes.
    pub(crate) fn heap(&self) -> usize {
        self.0.capacity() * size_of::<Mark>()
    }
}
