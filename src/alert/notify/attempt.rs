//! One attempt to send one message: however it goes, it ends.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

use crate::alert::notify::Notification;
use crate::alert::receivers::{Delivery, Receiver, SendError};

/// Sends it, within this time. A receiver that panics, as one that takes too long, may take it another time.
///
/// To be awaited on a runtime with timers. A receiver that blocks its thread is not interrupted.
pub(crate) async fn attempt(
    receiver: &dyn Receiver,
    notification: &Notification,
    limit: Duration,
) -> Result<(), SendError> {
    guarded(|| receiver.send(notification), limit).await
}

/// The same with the word that somebody has acknowledged it.
pub(crate) async fn attempt_acknowledgement(
    receiver: &dyn Receiver,
    notification: &Notification,
    limit: Duration,
) -> Result<(), SendError> {
    guarded(|| receiver.acknowledge(notification), limit).await
}

async fn guarded<'a>(begin: impl FnOnce() -> Delivery<'a>, limit: Duration) -> Result<(), SendError> {
    let begun = catch_unwind(AssertUnwindSafe(begin));
    let mut sending = match begun {
        Ok(sending) => sending,
        Err(panic) => return Err(panicked(&*panic)),
    };
    let polled = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| sending.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(outcome)) => Poll::Ready(outcome),
        Err(panic) => Poll::Ready(Err(panicked(&*panic))),
    });
    let outcome = timeout(limit, polled).await.unwrap_or_else(|_| {
        let reason = format!("it took longer than {limit:?}");
        Err(SendError::Retry { reason, after: None })
    });
    // What is dropped may panic too, and has nothing to add to the outcome.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(sending)));
    outcome
}

fn panicked(panic: &(dyn Any + Send)) -> SendError {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message");
    SendError::Retry { reason: format!("it panicked: {text}"), after: None }
}
