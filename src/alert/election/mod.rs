//! Which of several replicas sends.
//!
//! Every replica sees its own numbers and evaluates its own rules. So that twenty of them do not send twenty messages, they
//! can elect one sender through what the team runs already: PostgreSQL (an advisory lock) or Redis (a lease). The elected
//! one is told the alerts of all others, sends for all, and shares what receivers know, so that another can go on where it
//! was killed.
//!
//! An [`Election`] is the shared place. It decides nothing about alerts, and a place that cannot be reached elects nobody:
//! what is owed waits, as it does for a receiver that is down.

mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod replicas;
mod seat;

pub use crate::alert::election::memory::MemoryElection;
#[cfg(feature = "postgres")]
pub use crate::alert::election::postgres::PostgresElection;
#[cfg(feature = "redis")]
pub use crate::alert::election::redis::RedisElection;
pub(crate) use crate::alert::election::replicas::Number;
pub use crate::alert::election::replicas::Replicas;
pub use crate::alert::election::seat::{Change, Election, ElectionError, LEASE, Round, STEP, Seat, Step};
