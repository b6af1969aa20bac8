//! What is owed to whom, and the tasks that deliver it.
//!
//! A receiver is owed each alert at most twice: that it fires, and that it is over. Debts are on disk before anything is
//! sent, and settled there when the receiver has said yes: so a notification arrives at least once, and after a process was
//! killed only the one that was under way at each receiver arrives twice.
//!
//! What does not arrive is tried again for ever, with growing waits of up to 5 minutes or as the receiver asks (up to an hour).
//! That needs no more memory the longer it takes, since newer words about an alert take the place of those that they make old;
//! only what a receiver refuses, or what is owed to one that is gone, is dropped, counted and said.

pub(crate) mod attempt;
pub(crate) mod backoff;
mod debts;
mod meters;
mod notification;
pub(crate) mod outbox;
mod queue;
mod records;
pub(crate) mod worker;

pub(crate) use crate::alert::notify::notification::test_notification;
pub use crate::alert::notify::notification::{Notice, Notification, Reason};
pub use crate::alert::notify::worker::Delivered;
