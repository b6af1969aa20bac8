//! A closure of the program.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::alert::notify::Notification;
use crate::alert::receivers::{Delivery, Receiver, SendError};

type Told = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send>>;

/// Tells a closure.
///
/// What it returns counts as with any other receiver: an error of the kind [`SendError::Retry`] is tried again, so the closure
/// may be called more than once with the same alerts. A closure that panics is called again, too.
///
/// ```
/// use tower_watch::alert::receivers::{Closure, SendError};
///
/// let prints = Closure::new(|notification| {
///     for notice in &notification.alerts {
///         println!("{} is {}", notice.alert.name(), notice.status);
///     }
/// });
/// let asks = Closure::new_async(|notification| async move {
///     if notification.alerts.len() > 100 { Err(SendError::refused("too many")) } else { Ok(()) }
/// });
/// # drop((prints, asks));
/// ```
#[derive(Clone)]
pub struct Closure {
    tell: Arc<dyn Fn(&Notification) -> Told + Send + Sync>,
    send_resolved: bool,
}

impl Closure {
    /// Calls this closure, on a thread where it may block: that holds up no other receiver. It is given up where it takes
    /// longer than the notification timeout, though it goes on running.
    pub fn new(tell: impl Fn(&Notification) + Send + Sync + 'static) -> Self {
        let tell = Arc::new(tell);
        Self::new_async(move |notification| {
            let tell = Arc::clone(&tell);
            async move {
                let called = tokio::task::spawn_blocking(move || tell(&notification)).await;
                called.map_err(|_| SendError::retry("the closure panicked"))
            }
        })
    }

    /// Awaits what this closure returns, on the engine's own runtime (one thread: do not block it).
    pub fn new_async<F>(tell: impl Fn(Notification) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), SendError>> + Send + 'static,
    {
        let tell = move |notification: &Notification| -> Told { Box::pin(tell(notification.clone())) };
        Self { tell: Arc::new(tell), send_resolved: true }
    }

    /// Whether it is told when an alert is over. True by default.
    #[must_use]
    pub fn send_resolved(mut self, send_resolved: bool) -> Self {
        self.send_resolved = send_resolved;
        self
    }
}

impl Receiver for Closure {
    fn kind(&self) -> &'static str {
        "closure"
    }

    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        (self.tell)(notification)
    }

    fn send_resolved(&self) -> bool {
        self.send_resolved
    }
}

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closure").field("send_resolved", &self.send_resolved).finish_non_exhaustive()
    }
}
