//! Routing as Alertmanager configures it: read, checked, and with everything inherited filled in.
//!
//! [`Routing`] is what a configuration file becomes, and what code can put together without one. It says who is told; how a
//! receiver speaks is the business of [`crate::alert::receivers`].

mod global;
mod inhibit;
mod interval;
mod receiver;
mod route;
mod routing;
mod secret;

pub use crate::alert::config::global::Global;
pub use crate::alert::config::inhibit::InhibitRule;
pub use crate::alert::config::interval::TimeInterval;
pub use crate::alert::config::receiver::{Integration, ReceiverConfig};
pub use crate::alert::config::route::{GroupBy, Route};
pub use crate::alert::config::routing::Routing;
pub use crate::alert::config::secret::Secret;
