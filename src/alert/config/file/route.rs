//! A route as it stands in a file.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::alert::config::duration::Written;
use crate::alert::config::matchers::matcher;
use crate::alert::config::tree::group_by;
use crate::alert::config::yaml::Placed;
use crate::alert::config::{RouteBuilder, parse_matchers};
use crate::series::{MatchOp, Matcher};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RouteSection {
    receiver: Option<Placed<String>>,
    group_by: Option<Placed<Vec<String>>>,
    #[serde(rename = "continue")]
    continues: Option<Placed<bool>>,
    #[serde(rename = "match")]
    equal: MatchSection,
    match_re: MatchSection,
    matchers: Vec<Placed<String>>,
    group_wait: Option<Written>,
    group_interval: Option<Placed<Written>>,
    repeat_interval: Option<Placed<Written>>,
    mute_time_intervals: Vec<Placed<String>>,
    active_time_intervals: Vec<Placed<String>>,
    routes: Vec<Placed<RouteSection>>,
}

/// Labels and what they have to be, in the form before 0.22.
pub(crate) type MatchSection = BTreeMap<String, Placed<Option<String>>>;

impl RouteSection {
    pub(crate) fn route(placed: Placed<Self>) -> RouteBuilder {
        let Placed { value: section, place, key } = placed;
        let mut route = RouteBuilder { at: Placed { value: (), place, key }, ..RouteBuilder::new() };
        let mut problems = Vec::new();
        route.matchers = matchers(section.equal, section.match_re, section.matchers, &mut problems);
        // An empty list says as little as none.
        if let Some(labels) = section.group_by.filter(|labels| !labels.value.is_empty()) {
            match group_by(labels.value.clone()) {
                Ok(group_by) => route.group_by = Some(group_by),
                Err(message) => problems.push(labels.problem(message)),
            }
        }
        let unwritten = |Placed { value: Written(value), place, key }| Placed { value, place, key };
        route.receiver = section.receiver;
        route.group_wait = section.group_wait.map(|Written(wait)| wait);
        route.group_interval = section.group_interval.map(unwritten);
        route.repeat_interval = section.repeat_interval.map(unwritten);
        route.mute_time_intervals = section.mute_time_intervals;
        route.active_time_intervals = section.active_time_intervals;
        let continues = section.continues.filter(|continues| continues.value);
        route.continues = continues.map(|Placed { place, key, .. }| Placed { value: (), place, key });
        route.routes = section.routes.into_iter().map(Self::route).collect();
        route.problems = problems;
        route
    }
}

/// The matchers of all three forms.
pub(crate) fn matchers(
    equal: MatchSection,
    regex: MatchSection,
    texts: Vec<Placed<String>>,
    problems: &mut Vec<crate::alert::config::Problem>,
) -> Vec<Matcher> {
    let mut matchers = Vec::new();
    for (section, op) in [(equal, MatchOp::Equal), (regex, MatchOp::Regex)] {
        for (name, placed) in section {
            let made = match (&placed.value, op) {
                (None, MatchOp::Regex) => Err("this is nothing; write a regular expression".to_owned()),
                (value, _) => matcher(name, op, value.clone().unwrap_or_default()),
            };
            match made {
                Ok(made) => matchers.push(made),
                Err(message) => problems.push(placed.problem(message)),
            }
        }
    }
    for text in texts {
        match parse_matchers(&text.value) {
            Ok(read) => matchers.extend(read),
            Err(message) => problems.push(text.problem(message)),
        }
    }
    matchers
}
