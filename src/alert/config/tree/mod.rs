//! The tree that says who is told of what (<https://prometheus.io/docs/alerting/latest/configuration/#route>).
//!
//! [`RouteBuilder`] is a node that leaves open what its parent decides; [`Route`] is one in which all of that is filled in.
//! From one to the other goes `checked`, for files and code alike.

mod builder;
mod check;
mod reach;
mod route;

pub use crate::alert::config::tree::builder::RouteBuilder;
pub(crate) use crate::alert::config::tree::builder::group_by;
pub(crate) use crate::alert::config::tree::check::{Known, check_name, checked};
pub(crate) use crate::alert::config::tree::reach::unreachable;
pub use crate::alert::config::tree::route::{GroupBy, Route};
