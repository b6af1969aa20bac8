//! Routing as Alertmanager configures it: read, checked, and with everything inherited filled in.
//!
//! [`Routing`] is what a configuration file becomes, and what code can put together without one. It says who is told; how a
//! receiver speaks is the business of [`crate::alert::receivers`].

mod additions;
mod builder;
pub(crate) mod duration;
mod file;
mod global;
mod http;
mod inhibit;
mod intervals;
mod matchers;
pub(crate) mod problem;
mod receiver;
mod routing;
#[cfg(test)]
pub(crate) mod scratch;
mod secret;
mod shown;
mod tree;
pub(crate) mod yaml;

pub use crate::alert::config::additions::{Additions, Escalation, Flapping};
pub use crate::alert::config::builder::RoutingBuilder;
pub use crate::alert::config::file::RoutingOptions;
pub use crate::alert::config::global::Global;
pub use crate::alert::config::http::{Credentials, HttpConfig, HttpConfigError, Proxy, TlsConfig};
pub use crate::alert::config::inhibit::InhibitRule;
pub use crate::alert::config::intervals::{Period, PeriodError, TimeInterval};
pub use crate::alert::config::matchers::parse_matchers;
pub use crate::alert::config::problem::{Problem, RoutingError};
pub use crate::alert::config::receiver::{Integration, ReceiverConfig};
pub use crate::alert::config::routing::Routing;
pub use crate::alert::config::secret::{Secret, SecretError};
pub(crate) use crate::alert::config::shown::{named, shown};
pub use crate::alert::config::tree::{GroupBy, Route, RouteBuilder};
