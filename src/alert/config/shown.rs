//! A routing that was put together in code, as the configuration file that it would be.
//!
//! The tree, what inhibits what, and times: for the API to show, and for `amtool config routes`. Receivers are names there:
//! what they send is code, and their secrets are nobody's to see.

use std::fmt::Write;
use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::alert::config::file::original;
use crate::alert::config::intervals::WEEKDAYS;
use crate::alert::config::yaml::Node;
use crate::alert::config::{GroupBy, InhibitRule, Period, Route, Routing, TimeInterval};
use crate::promql::units::UNITS;
use crate::series::Matcher;

/// As YAML.
pub(crate) fn shown(routing: &Routing) -> String {
    let names = routing.receivers.iter().map(|receiver| named(&receiver.name, None));
    let mut parts = vec![
        ("global", Node::mapping([("resolve_timeout", duration(routing.global.resolve_timeout))])),
        ("route", route(&routing.route, None)),
        ("receivers", Node::list(names)),
    ];
    if !routing.inhibit_rules.is_empty() {
        parts.push(("inhibit_rules", Node::list(routing.inhibit_rules.iter().map(inhibit_rule))));
    }
    if !routing.time_intervals.is_empty() {
        parts.push(("time_intervals", Node::list(routing.time_intervals.iter().map(time_interval))));
    }
    original(&Node::mapping(parts))
}

/// An element of a list that has a name.
pub(crate) fn named(name: &str, more: Option<(&str, Node)>) -> Node {
    Node::mapping([("name", Node::text_of(name))].into_iter().chain(more))
}

/// What it has from its parent is not said again.
fn route(route: &Route, parent: Option<&Route>) -> Node {
    let mut parts = vec![("receiver", Node::text_of(&route.receiver))];
    if !route.matchers.is_empty() {
        parts.push(("matchers", matchers(&route.matchers)));
    }
    if parent.is_none_or(|parent| parent.group_by != route.group_by) {
        match &route.group_by {
            GroupBy::All => parts.push(("group_by", texts(&["..."]))),
            GroupBy::Labels(labels) if labels.is_empty() => {}
            GroupBy::Labels(labels) => parts.push(("group_by", texts(labels))),
        }
    }
    let times = |route: &Route| [route.group_wait, route.group_interval, route.repeat_interval];
    let keys = ["group_wait", "group_interval", "repeat_interval"];
    for (index, (key, time)) in keys.into_iter().zip(times(route)).enumerate() {
        if parent.is_none_or(|parent| times(parent)[index] != time) {
            parts.push((key, duration(time)));
        }
    }
    for (key, names) in [
        ("mute_time_intervals", &route.mute_time_intervals),
        ("active_time_intervals", &route.active_time_intervals),
    ] {
        if !names.is_empty() {
            parts.push((key, texts(names)));
        }
    }
    if route.continues {
        parts.push(("continue", Node::plain("true")));
    }
    if !route.routes.is_empty() {
        parts.push(("routes", Node::list(route.routes.iter().map(|child| self::route(child, Some(route))))));
    }
    Node::mapping(parts)
}

fn inhibit_rule(rule: &InhibitRule) -> Node {
    let mut parts =
        vec![("source_matchers", matchers(&rule.source)), ("target_matchers", matchers(&rule.target))];
    if !rule.equal.is_empty() {
        parts.push(("equal", texts(&rule.equal)));
    }
    Node::mapping(parts)
}

fn time_interval(interval: &TimeInterval) -> Node {
    named(&interval.name, Some(("time_intervals", Node::list(interval.periods.iter().map(period)))))
}

fn period(period: &Period) -> Node {
    let mut parts = Vec::new();
    if let Some(times) = &period.times {
        let time = |minute: &u16| Node::text_of(&format!("{:02}:{:02}", minute / 60, minute % 60));
        let range =
            |(start, end): &(u16, u16)| Node::mapping([("start_time", time(start)), ("end_time", time(end))]);
        parts.push(("times", Node::list(times.iter().map(range))));
    }
    let number = |number: i64| number.to_string();
    let weekday = |day: i64| {
        let name = usize::try_from(day).ok().and_then(|day| WEEKDAYS.get(day));
        name.map_or_else(|| day.to_string(), ToString::to_string)
    };
    parts.extend(ranges("weekdays", period.weekdays.as_ref(), weekday));
    parts.extend(ranges("days_of_month", period.days_of_month.as_ref(), number));
    parts.extend(ranges("months", period.months.as_ref(), number));
    parts.extend(ranges("years", period.years.as_ref(), number));
    if let Some(zone) = &period.location {
        parts.push(("location", Node::text_of(name_of(zone))));
    }
    Node::mapping(parts)
}

fn name_of(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("Local")
}

fn ranges(
    key: &'static str,
    ranges: Option<&Vec<RangeInclusive<i64>>>,
    name: impl Fn(i64) -> String,
) -> Option<(&'static str, Node)> {
    let range = |range: &RangeInclusive<i64>| format!("{}:{}", name(*range.start()), name(*range.end()));
    ranges.map(|ranges| (key, texts(&ranges.iter().map(range).collect::<Vec<_>>())))
}

fn texts(texts: &[impl AsRef<str>]) -> Node {
    Node::list(texts.iter().map(|text| Node::text_of(text.as_ref())))
}

fn matchers(matchers: &[Matcher]) -> Node {
    Node::list(matchers.iter().map(|matcher| Node::text_of(&matcher.to_string())))
}

/// As Alertmanager writes it: `1h30m`.
fn duration(duration: Duration) -> Node {
    let mut rest = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let mut text = String::new();
    for unit in &UNITS {
        let count = rest / unit.milliseconds;
        rest %= unit.milliseconds;
        if count > 0 {
            let _ = write!(text, "{count}{}", unit.name);
        }
    }
    Node::plain(if text.is_empty() { "0s" } else { &text })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::alert::config::{InhibitRule, Period, Route, Routing, TimeInterval, shown};
    use crate::alert::receivers::{Log, PagerDuty};
    use crate::series::{MatchOp, Matcher};

    #[test]
    fn what_is_shown_is_the_same_routing_without_its_secrets() {
        let minute = Duration::from_secs(60);
        let period = Period::new()
            .times("22:00", "24:00")
            .and_then(|period| period.weekdays("monday:friday"))
            .and_then(|period| period.days_of_month("-3:-1"))
            .and_then(|period| period.months("may:august"))
            .and_then(|period| period.years("2025:2027"))
            .and_then(|period| period.location("Europe/Berlin"))
            .unwrap();
        let odd = Matcher::new("team", MatchOp::NotRegex, "a|\"b\": #{}\n").unwrap();
        let coded = Routing::builder(Route::to("log").group_by(["alertname"]).group_wait(minute))
            .receiver("log", Log::new())
            .receiver("pager: \"1\"", PagerDuty::events("hunter2"))
            .interval(TimeInterval::new("nights").during(period).during(Period::new()))
            .inhibit(InhibitRule::new([Matcher::equal("a", "b")], [odd.clone()]).equal("e"))
            .route(
                Route::to("pager: \"1\"")
                    .matcher(odd)
                    .muted_in("nights")
                    .repeat_interval(90 * minute + Duration::from_millis(1_500))
                    .continues()
                    .route(Route::to("log").group_by(["..."]).active_in("nights")),
            )
            .build()
            .unwrap();
        let text = shown(&coded);
        assert!(!text.contains("hunter2"), "{text}");
        let read = Routing::from_yaml(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(read.route, coded.route, "{text}");
        assert_eq!(read.inhibit_rules, coded.inhibit_rules, "{text}");
        assert_eq!(read.time_intervals, coded.time_intervals, "{text}");
        let names = |routing: &Routing| -> Vec<String> {
            routing.receivers.iter().map(|receiver| receiver.name.clone()).collect()
        };
        assert_eq!(names(&read), names(&coded));
    }
}
