//! What an election is.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

/// How often a replica takes its turn.
pub const STEP: Duration = Duration::from_secs(3);

/// For how long a turn counts, from its beginning: who was elected and hears nothing for so long does not send any more, and
/// who was not can be elected then.
pub const LEASE: Duration = Duration::from_secs(15);

/// Who takes part, and in what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Seat {
    /// What the sender is elected for: the name of the service, and its environment. Replicas of one service say the same.
    pub scope: String,
    /// What tells this replica from the others.
    pub replica: String,
}

impl Seat {
    /// The seat of one replica.
    pub fn new(scope: impl Into<String>, replica: impl Into<String>) -> Self {
        Self { scope: scope.into(), replica: replica.into() }
    }
}

/// How a turn came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Round {
    /// Whether this replica is the sender, for [`LEASE`] from the beginning of the turn.
    pub is_sender: bool,
    /// Whether it is the sender only since this turn, so that another one can have been before; `false` where its last turn
    /// still counted.
    pub is_new: bool,
    /// What the other replicas said in their last turn, no longer than [`LEASE`] ago, in the order of their names. Only the
    /// sender is told.
    pub others: Vec<(String, Vec<u8>)>,
}

/// A record that all replicas remember: its key, and its bytes; without them it is forgotten.
pub type Change = (String, Option<Vec<u8>>);

/// What the methods of an [`Election`] return.
pub type Step<'a, T> = Pin<Box<dyn Future<Output = Result<T, ElectionError>> + Send + 'a>>;

/// A shared place in which replicas elect one of them. Called from one task, on a tokio runtime with time and I/O; each call
/// is given up after five seconds.
pub trait Election: fmt::Debug + Send + Sync + 'static {
    /// Takes a turn: is elected if nobody is, stays elected if it was, and says something to the sender.
    fn step<'a>(&'a self, seat: &'a Seat, said: &'a [u8]) -> Step<'a, Round>;

    /// Writes down what the next sender has to know, all or nothing. Refused where this replica is not the sender.
    fn remember<'a>(&'a self, seat: &'a Seat, changes: &'a [Change]) -> Step<'a, ()>;

    /// All that is written down.
    fn remembered<'a>(&'a self, seat: &'a Seat) -> Step<'a, Vec<(String, Vec<u8>)>>;

    /// Leaves, so that another can be elected at once.
    fn leave<'a>(&'a self, seat: &'a Seat) -> Step<'a, ()>;
}

/// Why a turn could not be taken. Says nothing of passwords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionError(String);

impl ElectionError {
    /// With this reason.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }
}

impl fmt::Display for ElectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ElectionError {}
