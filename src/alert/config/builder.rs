//! Routing in code.

use std::collections::BTreeSet;

use crate::alert::config::problem::{Place, Problem};
use crate::alert::config::tree::{Known, checked, unreachable};
use crate::alert::config::{
    InhibitRule, Integration, ReceiverConfig, RouteBuilder, Routing, RoutingError, TimeInterval,
};
use crate::alert::receivers::IntoReceivers;

/// Puts a [`Routing`] together without a file. What cannot be is told by [`build`](Self::build), all together.
///
/// ```
/// use tower_watch::alert::config::{Route, Routing};
/// use tower_watch::alert::receivers::Log;
///
/// # fn main() -> Result<(), tower_watch::alert::config::RoutingError> {
/// let routing = Routing::builder(Route::to("log").group_by(["alertname"]))
///     .receiver("log", Log::new())
///     .receiver("pager", Log::new())
///     .route(Route::to("pager").matching("severity", "critical"))
///     .build()?;
/// assert_eq!(routing.route.routes[0].receiver, "pager");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "there is no routing before build"]
pub struct RoutingBuilder {
    root: RouteBuilder,
    receivers: Vec<ReceiverConfig>,
    inhibit_rules: Vec<InhibitRule>,
    time_intervals: Vec<TimeInterval>,
}

impl RoutingBuilder {
    pub(crate) fn new(root: RouteBuilder) -> Self {
        Self { root, receivers: Vec::new(), inhibit_rules: Vec::new(), time_intervals: Vec::new() }
    }

    /// Adds a receiver under this name. Of the same name there can be several: each is told.
    pub fn receiver(mut self, name: impl Into<String>, receiver: impl IntoReceivers) -> Self {
        let name = name.into();
        let integrations = receiver.into_receivers().into_iter().map(Integration::Built);
        match self.receivers.iter_mut().find(|other| other.name == name) {
            Some(receiver) => receiver.integrations.extend(integrations),
            None => self.receivers.push(ReceiverConfig { name, integrations: integrations.collect() }),
        }
        self
    }

    /// Adds a route below the first one. They are tried in their order.
    pub fn route(mut self, route: RouteBuilder) -> Self {
        self.root = self.root.route(route);
        self
    }

    /// Keeps some alerts quiet while others fire.
    pub fn inhibit(mut self, rule: InhibitRule) -> Self {
        self.inhibit_rules.push(rule);
        self
    }

    /// Adds an interval for routes to name.
    pub fn interval(mut self, interval: TimeInterval) -> Self {
        self.time_intervals.push(interval);
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    ///
    /// All that is wrong: names that nothing has or two have, a first route that does not take everything, times of zero,
    /// matchers that cannot be read, receivers that cannot work.
    pub fn build(self) -> Result<Routing, RoutingError> {
        let mut problems = Vec::new();
        let mut noted = |message: String| problems.push(Problem::new(Place::default(), "", message));
        for receiver in &self.receivers {
            if receiver.name.is_empty() {
                noted("a receiver has no name; routes call it by one".to_owned());
            }
            for Integration::Built(integration) in &receiver.integrations {
                for fault in integration.check().err().into_iter().flatten() {
                    noted(format!("receiver {:?}: {fault}", receiver.name));
                }
            }
        }
        for (index, interval) in self.time_intervals.iter().enumerate() {
            let name = &interval.name;
            if name.is_empty() {
                noted("a time interval has no name; routes call it by one".to_owned());
            } else if self.time_intervals[..index].iter().any(|other| other.name == *name) {
                noted(format!("two time intervals are called {name:?}; rename one of them"));
            }
        }
        let names = |names: Vec<&String>| names.into_iter().cloned().collect::<BTreeSet<_>>();
        let known = Known {
            receivers: Some(names(self.receivers.iter().map(|receiver| &receiver.name).collect())),
            intervals: names(self.time_intervals.iter().map(|interval| &interval.name).collect()),
        };
        let places = self.root.clone();
        let Self { root, inhibit_rules, time_intervals, receivers } = self;
        let route = checked(root, &known, &mut problems);
        if !problems.is_empty() {
            return Err(RoutingError::new(problems));
        }
        let warnings = unreachable(&route, &places);
        Ok(Routing { inhibit_rules, time_intervals, warnings, ..Routing::new(route, receivers) })
    }
}
