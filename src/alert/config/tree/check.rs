//! From a tree that leaves things open to one that does not.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::alert::config::problem::Problem;
use crate::alert::config::yaml::{Placed, nearest};
use crate::alert::config::{GroupBy, Route, RouteBuilder};

/// The names that a tree may use.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// `None` where they could not be read: then no route is to blame.
    pub(crate) receivers: Option<BTreeSet<String>>,
    pub(crate) intervals: BTreeSet<String>,
}

/// The tree below this root, filled in; notes what is wrong with it.
pub(crate) fn checked(mut root: RouteBuilder, known: &Known, problems: &mut Vec<Problem>) -> Route {
    if root.receiver.as_ref().is_none_or(|receiver| receiver.value.is_empty()) {
        let message = "the first route has no receiver; add the one for alerts that no other route takes";
        problems.push(root.at.problem(message));
    }
    if !root.matchers.is_empty() {
        let message = "the first route takes all alerts; move what it matches to a route below it";
        problems.push(root.at.problem(message));
    }
    if let Some(continues) = &root.continues {
        problems.push(continues.problem("the first route has no siblings to continue with; remove it"));
    }
    let mut intervals = root.mute_time_intervals.drain(..).chain(root.active_time_intervals.drain(..));
    if let Some(interval) = intervals.next() {
        problems.push(interval.problem("the first route is always active; move this to a route below it"));
    }
    drop(intervals);
    fill(root, &Route::new(""), known, problems)
}

fn fill(route: RouteBuilder, parent: &Route, known: &Known, problems: &mut Vec<Problem>) -> Route {
    problems.extend(route.problems);
    let receiver = route.receiver.as_ref().filter(|receiver| !receiver.value.is_empty());
    if let (Some(receiver), Some(known)) = (receiver, &known.receivers) {
        check_name(receiver, "receiver", known, problems);
    }
    for interval in route.mute_time_intervals.iter().chain(&route.active_time_intervals) {
        check_name(interval, "time interval", &known.intervals, problems);
    }
    for interval in [&route.group_interval, &route.repeat_interval].into_iter().flatten() {
        if interval.value == Duration::ZERO {
            problems.push(interval.problem("this is zero; write how long to wait, as in 5m"));
        }
    }
    let receiver = route.receiver.map(|receiver| receiver.value).filter(|name| !name.is_empty());
    let inherited = || match &parent.group_by {
        GroupBy::Labels(labels) => GroupBy::Labels(labels.clone()),
        GroupBy::All => GroupBy::All,
    };
    let names = |intervals: Vec<Placed<String>>| intervals.into_iter().map(|name| name.value).collect();
    let mut filled = Route {
        receiver: receiver.unwrap_or_else(|| parent.receiver.clone()),
        matchers: route.matchers,
        group_by: route.group_by.unwrap_or_else(inherited),
        group_wait: route.group_wait.unwrap_or(parent.group_wait),
        group_interval: route.group_interval.map_or(parent.group_interval, |interval| interval.value),
        repeat_interval: route.repeat_interval.map_or(parent.repeat_interval, |interval| interval.value),
        mute_time_intervals: names(route.mute_time_intervals),
        active_time_intervals: names(route.active_time_intervals),
        continues: route.continues.is_some(),
        routes: Vec::new(),
    };
    filled.routes = route.routes.into_iter().map(|child| fill(child, &filled, known, problems)).collect();
    filled
}

/// Notes a name that nothing has.
pub(crate) fn check_name(
    name: &Placed<String>,
    what: &str,
    known: &BTreeSet<String>,
    problems: &mut Vec<Problem>,
) {
    if known.contains(&name.value) {
        return;
    }
    let mend = match nearest(&name.value, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near:?}?"),
        None if known.is_empty() => format!("there is no {what} at all; add it"),
        None => {
            let names: Vec<&str> = known.iter().take(10).map(String::as_str).collect();
            format!("add it, or write one of {}", names.join(", "))
        }
    };
    problems.push(name.problem(format!("no {what} is called {:?}; {mend}", name.value)));
}
