//! From a text to a routing.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::alert::config::file::RoutingOptions;
use crate::alert::config::file::global::GlobalSection;
use crate::alert::config::file::inhibit::InhibitSection;
use crate::alert::config::file::original::original;
use crate::alert::config::file::receivers::{Names, Reading};
use crate::alert::config::file::route::RouteSection;
use crate::alert::config::file::templates;
use crate::alert::config::intervals::IntervalSection;
use crate::alert::config::problem::{Place, Problem};
use crate::alert::config::tree::{Known, checked, unreachable};
use crate::alert::config::yaml::{self, Files, Node, Placed};
use crate::alert::config::{Global, HttpConfig, Routing, RoutingError, TimeInterval, named};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FileSection {
    global: Option<GlobalSection>,
    templates: Vec<Placed<String>>,
    route: Option<Placed<RouteSection>>,
    inhibit_rules: Vec<InhibitSection>,
    /// Read by itself, kind by kind.
    #[serde(rename = "receivers")]
    _receivers: Option<IgnoredAny>,
    mute_time_intervals: Vec<Placed<IntervalSection>>,
    time_intervals: Vec<Placed<IntervalSection>>,
}

pub(super) fn read(text: &str, files: Files<'_>, options: &RoutingOptions) -> Result<Routing, RoutingError> {
    let mut problems = Vec::new();
    match routing(text, files, options, &mut problems) {
        Ok(routing) if problems.is_empty() => Ok(routing),
        Ok(_) => Err(RoutingError::new(problems)),
        Err(problem) => {
            problems.push(problem);
            Err(RoutingError::new(problems))
        }
    }
}

fn routing(
    text: &str,
    files: Files<'_>,
    options: &RoutingOptions,
    problems: &mut Vec<Problem>,
) -> Result<Routing, Problem> {
    let lacking = |what: &str| {
        let message =
            format!("there is no {what}; see https://prometheus.io/docs/alerting/latest/configuration/");
        Problem::new(Place::default(), "", message)
    };
    let Some(mut root) = yaml::read(text, problems)? else { return Err(lacking("route")) };
    let Some(section) = yaml::decode::<FileSection>(&root, "", files, problems) else {
        return Err(problems.pop().unwrap_or_else(|| lacking("route")));
    };
    let mut warnings = Vec::new();
    let global = match section.global {
        Some(global) => global.global(problems),
        None => Global { http_config: HttpConfig::of_a_file(), ..Global::default() },
    };
    let names = Names::of(&root, problems);
    let (paths, templates) = templates::read(section.templates, files, problems);
    let mut reading =
        Reading { files, global: &global, templates: &templates, push_to: &options.push_to, problems };
    let receivers = reading.receivers(&root, &names);
    let intervals = section.mute_time_intervals.into_iter().chain(section.time_intervals);
    let time_intervals = time_intervals(intervals, problems, &mut warnings);
    let inhibit_rules = section.inhibit_rules.into_iter().map(|rule| rule.rule(problems)).collect();
    let declared = names.all();
    let all = declared.as_ref().map(|names| names.union(options.also()).cloned().collect());
    let known = Known { receivers: all, intervals: names_of_intervals(&root) };
    let Some(route) = section.route.map(RouteSection::route) else {
        if root.get("route").is_none_or(Node::is_null) {
            problems.push(lacking("route"));
        }
        return Err(problems.pop().unwrap_or_else(|| lacking("route")));
    };
    let places = route.clone();
    let route = checked(route, &known, problems);
    warnings.extend(unreachable(&route, &places));
    let undeclared = options.also().iter().filter(|name| !declared.iter().any(|names| names.contains(*name)));
    undeclared.for_each(|name| root.add_to("receivers", named(name, None)));
    Ok(Routing {
        global,
        route,
        receivers,
        inhibit_rules,
        time_intervals,
        templates: paths,
        warnings,
        original: original(&root),
    })
}

fn time_intervals(
    sections: impl Iterator<Item = Placed<IntervalSection>>,
    problems: &mut Vec<Problem>,
    warnings: &mut Vec<Problem>,
) -> Vec<TimeInterval> {
    let mut intervals: Vec<TimeInterval> = Vec::new();
    for section in sections {
        let name = section.value.name.clone();
        if name.value.is_empty() {
            problems.push(section.problem("a time interval has no name; add it"));
        } else if intervals.iter().any(|other| other.name == name.value) {
            let message = format!("two time intervals are called {:?}; rename one of them", name.value);
            problems.push(name.problem(message));
        }
        intervals.push(section.value.interval(problems, warnings));
    }
    intervals
}

/// Also of those that could not be read: a route that names one is not to blame.
fn names_of_intervals(root: &Node) -> std::collections::BTreeSet<String> {
    let lists = ["mute_time_intervals", "time_intervals"].into_iter().filter_map(|key| root.get(key));
    lists.flat_map(Node::elements).filter_map(|node| node.get("name")?.text()).map(str::to_owned).collect()
}
