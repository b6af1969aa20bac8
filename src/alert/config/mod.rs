//! Routing as Alertmanager configures it: read, checked, and with everything inherited filled in.
//!
//! [`Routing`] is what a configuration file becomes, and what code can put together without one. It says who is told; how a
//! receiver speaks is the business of [`crate::alert::receivers`].

pub(crate) mod duration;
mod global;
mod http;
mod inhibit;
mod interval;
mod receiver;
mod route;
mod routing;
#[cfg(test)]
pub(crate) mod scratch;
mod secret;

pub use crate::alert::config::global::Global;
pub use crate::alert::config::http::{Credentials, HttpConfig, HttpConfigError, Proxy, TlsConfig};
pub use crate::alert::config::inhibit::InhibitRule;
pub use crate::alert::config::interval::TimeInterval;
pub use crate::alert::config::receiver::{Integration, ReceiverConfig};
pub use crate::alert::config::route::{GroupBy, Route};
pub use crate::alert::config::routing::Routing;
pub use crate::alert::config::secret::{Secret, SecretError};
