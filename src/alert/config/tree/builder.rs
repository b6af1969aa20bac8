//! A route before its parent is known.

use std::time::Duration;

use crate::alert::config::problem::Problem;
use crate::alert::config::yaml::Placed;
use crate::alert::config::{GroupBy, parse_matchers};
use crate::series::Matcher;

/// A route that takes over from its parent what it does not say itself: receiver, labels to group by, and times.
///
/// ```
/// use std::time::Duration;
///
/// use tower_watch::alert::config::Route;
///
/// let critical = Route::to("pager").matching("severity", "critical").group_by(["alertname"]);
/// let team = Route::to("shop").matchers(r#"service=~"shop|cart""#).group_wait(Duration::from_secs(10)).route(critical);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a route is part of a tree"]
pub struct RouteBuilder {
    pub(crate) at: Placed<()>,
    pub(crate) receiver: Option<Placed<String>>,
    pub(crate) matchers: Vec<Matcher>,
    pub(crate) group_by: Option<GroupBy>,
    pub(crate) group_wait: Option<Duration>,
    pub(crate) group_interval: Option<Placed<Duration>>,
    pub(crate) repeat_interval: Option<Placed<Duration>>,
    pub(crate) mute_time_intervals: Vec<Placed<String>>,
    pub(crate) active_time_intervals: Vec<Placed<String>>,
    pub(crate) continues: Option<Placed<()>>,
    pub(crate) routes: Vec<RouteBuilder>,
    /// What is wrong with it alone.
    pub(crate) problems: Vec<Problem>,
}

fn unplaced<T>(value: T) -> Placed<T> {
    Placed { value, place: crate::alert::config::problem::Place::default(), key: String::new() }
}

impl RouteBuilder {
    /// A route to its parent's receiver.
    pub fn new() -> Self {
        Self::default()
    }

    /// To this receiver.
    pub fn receiver(mut self, name: impl Into<String>) -> Self {
        self.receiver = Some(unplaced(name.into()));
        self
    }

    /// For alerts whose label has this value.
    pub fn matching(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.matchers.push(Matcher::equal(label, value));
        self
    }

    /// For alerts that pass this.
    pub fn matcher(mut self, matcher: Matcher) -> Self {
        self.matchers.push(matcher);
        self
    }

    /// For alerts that pass these, written as in Alertmanager: `severity=~"critical|high", env!="dev"`. A text that cannot be
    /// read is an error of the whole routing.
    pub fn matchers(mut self, text: &str) -> Self {
        match parse_matchers(text) {
            Ok(matchers) => self.matchers.extend(matchers),
            Err(message) => self.problems.push(self.at.problem(message)),
        }
        self
    }

    /// Alerts with the same values of these labels are told together; `...` alone is for each on its own, none for all.
    pub fn group_by<L: Into<String>>(mut self, labels: impl IntoIterator<Item = L>) -> Self {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        match group_by(labels) {
            Ok(labels) => self.group_by = Some(labels),
            Err(message) => self.problems.push(self.at.problem(message)),
        }
        self
    }

    /// How long a new group waits for more.
    pub fn group_wait(mut self, wait: Duration) -> Self {
        self.group_wait = Some(wait);
        self
    }

    /// How long a group waits with news. Not zero.
    pub fn group_interval(mut self, interval: Duration) -> Self {
        self.group_interval = Some(unplaced(interval));
        self
    }

    /// How long until it is said again. Not zero.
    pub fn repeat_interval(mut self, interval: Duration) -> Self {
        self.repeat_interval = Some(unplaced(interval));
        self
    }

    /// Says nothing in the interval of this name.
    pub fn muted_in(mut self, interval: impl Into<String>) -> Self {
        self.mute_time_intervals.push(unplaced(interval.into()));
        self
    }

    /// Says something only in the interval of this name, or of another one that is given.
    pub fn active_in(mut self, interval: impl Into<String>) -> Self {
        self.active_time_intervals.push(unplaced(interval.into()));
        self
    }

    /// Lets siblings after it be tried too.
    pub fn continues(mut self) -> Self {
        self.continues = Some(unplaced(()));
        self
    }

    /// Adds a route below it. They are tried in their order.
    pub fn route(mut self, route: RouteBuilder) -> Self {
        self.routes.push(route);
        self
    }
}

/// What a list of labels means.
pub(crate) fn group_by(labels: Vec<String>) -> Result<GroupBy, String> {
    if labels.iter().any(|label| label == "...") {
        return match labels.len() {
            1 => Ok(GroupBy::All),
            _ => Err("`...` stands for all labels; write it alone, or remove it".to_owned()),
        };
    }
    for (index, label) in labels.iter().enumerate() {
        if label.is_empty() {
            return Err("a label's name is empty; write one, or remove it".to_owned());
        }
        if labels[..index].contains(label) {
            return Err(format!("the label {label} is given twice; remove one of them"));
        }
    }
    Ok(GroupBy::Labels(labels))
}
