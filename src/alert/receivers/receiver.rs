//! What a receiver is.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::alert::notify::Notification;

/// What [`Receiver::send`] returns.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// One way of telling somebody. Called from a task of its own, one message at a time, on a tokio runtime with time and I/O
/// that is not the application's.
pub trait Receiver: fmt::Debug + Send + Sync + 'static {
    /// Its kind, as metrics and the API name it: `slack`, `webhook`.
    fn kind(&self) -> &'static str;

    /// Sends one message. All receivers share one thread, so what is awaited here must not block it: a call that blocks
    /// (a file, a client that is not async, a long computation) delays every other receiver, and no timeout ends it. Put it into
    /// [`spawn_blocking`](https://docs.rs/tokio/1/tokio/task/fn.spawn_blocking.html), as
    /// [`Closure::new`](crate::alert::receivers::Closure::new) does. Dropped where it takes longer than [`timeout`](Self::timeout), or than the engine's (10 s by
    /// default) where that is `None`.
    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a>;

    /// Says that somebody has acknowledged these alerts, to a receiver that has such a notion (PagerDuty) and was told that
    /// they fire. What may be tried again is, for as long as the alert fires and is acknowledged; a restart forgets it.
    fn acknowledge<'a>(&'a self, _notification: &'a Notification) -> Delivery<'a> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// What is wrong with its settings, each with its mend. Asked once, before anything is sent: at the start, and at a
    /// reload.
    ///
    /// # Errors
    ///
    /// All problems that show themselves without talking to anybody. Never a secret.
    fn check(&self) -> Result<(), Vec<String>> {
        Ok(())
    }

    /// How long a message may take, where that is not the engine's to say.
    fn timeout(&self) -> Option<Duration> {
        None
    }

    /// Whether it wants to know when an alert is over.
    fn send_resolved(&self) -> bool {
        true
    }

    /// Whether it takes one alert a message: then each is owed and settled on its own.
    fn takes_single_alerts(&self) -> bool {
        false
    }

    /// The least time from one message to the next.
    fn pace(&self) -> Option<Duration> {
        None
    }

    /// Where it takes alerts as they come, past routes, groups, silences and inhibition: another Alertmanager, a heartbeat.
    fn feed(&self) -> Option<Feed> {
        None
    }
}

/// How a receiver takes alerts as they come.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Feed {
    /// How often what still fires is said again.
    pub repeat: Duration,
    /// Which alerts.
    pub of: FeedOf,
}

/// Which alerts a [`Feed`] takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeedOf {
    /// All.
    All,
    /// Those of this name.
    Named(String),
    /// Those that routes send to the receiver that this one is part of.
    Routed,
}

impl Feed {
    /// All alerts, those that still fire again after this time.
    #[must_use]
    pub fn of_all(repeat: Duration) -> Self {
        Self { repeat, of: FeedOf::All }
    }
}

/// Why a message did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// It may arrive another time; where the receiver said when, then.
    Retry {
        /// What happened, without a secret.
        reason: String,
        /// How long the receiver asks to wait.
        after: Option<Duration>,
    },
    /// It never will: the receiver refused it.
    Refused {
        /// What happened, without a secret.
        reason: String,
    },
}

impl SendError {
    /// It may arrive another time.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { reason: reason.into(), after: None }
    }

    /// It never will.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into() }
    }

    /// What happened.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Retry { reason, .. } | Self::Refused { reason } => reason,
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl std::error::Error for SendError {}

/// What a name in the configuration can be given: a receiver, or what is told in several ways, each of which is owed on its
/// own ([`AlertmanagerPush`](crate::alert::receivers::AlertmanagerPush) with its replicas, a `Vec` of receivers).
pub trait IntoReceivers {
    /// Each of them.
    fn into_receivers(self) -> Vec<Arc<dyn Receiver>>;
}

impl<R: Receiver> IntoReceivers for R {
    fn into_receivers(self) -> Vec<Arc<dyn Receiver>> {
        vec![Arc::new(self)]
    }
}

impl IntoReceivers for Vec<Arc<dyn Receiver>> {
    fn into_receivers(self) -> Vec<Arc<dyn Receiver>> {
        self
    }
}
