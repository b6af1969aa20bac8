//! The tree that says who is told of what.

use std::time::Duration;

use crate::alert::config::RouteBuilder;
use crate::series::Matcher;

/// A node of the routing tree, with everything that it inherits filled in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Route {
    /// The name of the receiver.
    pub receiver: String,
    /// All must hold; none at the root.
    pub matchers: Vec<Matcher>,
    /// Which alerts are told together.
    pub group_by: GroupBy,
    /// How long a new group waits for more. 30 s.
    pub group_wait: Duration,
    /// How long a group waits with news. 5 minutes.
    pub group_interval: Duration,
    /// How long until it is said again. 4 hours.
    pub repeat_interval: Duration,
    /// Names of intervals in which nothing is said.
    pub mute_time_intervals: Vec<String>,
    /// Names of intervals outside of which nothing is said; none for always.
    pub active_time_intervals: Vec<String>,
    /// Whether siblings after it are tried too.
    pub continues: bool,
    /// Tried in their order; where none matches, this node it is.
    pub routes: Vec<Route>,
}

/// Which alerts are told together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GroupBy {
    /// Those that have the same values of these labels; none for all of the route.
    Labels(Vec<String>),
    /// Each alone (`...`).
    All,
}

impl Route {
    /// A route to this receiver, to be put into a tree; what it does not say it takes over from its parent.
    pub fn to(receiver: impl Into<String>) -> RouteBuilder {
        RouteBuilder::new().receiver(receiver)
    }

    /// A root that sends everything to this receiver, with Alertmanager's times.
    pub fn new(receiver: impl Into<String>) -> Self {
        Self {
            receiver: receiver.into(),
            matchers: Vec::new(),
            group_by: GroupBy::Labels(Vec::new()),
            group_wait: Duration::from_secs(30),
            group_interval: Duration::from_secs(300),
            repeat_interval: Duration::from_secs(4 * 3_600),
            mute_time_intervals: Vec::new(),
            active_time_intervals: Vec::new(),
            continues: false,
            routes: Vec::new(),
        }
    }
}
