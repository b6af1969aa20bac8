//! Why lines are lost.

use crate::telemetry::counts::Reason;

/// Why a line was lost: the label `reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// They came faster than they could be written.
    QueueFull,
    /// They could not be written.
    WriteFailed,
}

impl Reason for Lost {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::QueueFull, "queue_full"), (Self::WriteFailed, "write_failed")];

    fn place(self) -> usize {
        self as usize
    }
}
