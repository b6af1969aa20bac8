//! What a receiver is.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use crate::alert::notify::Notification;

/// What [`Receiver::send`] returns.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// One way of telling somebody. Called from a task of its own, one message at a time, on a tokio runtime with time and I/O
/// that is not the application's.
pub trait Receiver: fmt::Debug + Send + Sync + 'static {
    /// Its kind, as metrics and the API name it: `slack`, `webhook`.
    fn kind(&self) -> &'static str;

    /// Sends one message. Dropped where it takes longer than the engine's notification timeout (10 s by default).
    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a>;

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
