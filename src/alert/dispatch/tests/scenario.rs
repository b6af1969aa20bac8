//! Configurations and courses of events that are made up from a seed.

use std::fmt::Write as _;

use fastrand::Rng;

/// Something that happens in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// It fires, or is over.
    Alert { labels: Vec<(String, String)>, fires: bool },
    /// What has this label with this value is silenced.
    Silence { scenario: usize, label: &'static str, value: &'static str },
    /// The latest silence of the scenario ends.
    Expire { scenario: usize },
}

/// One configuration of many scenarios, each under a route of its own, and what happens in each step.
#[derive(Debug)]
pub(crate) struct Play {
    pub(crate) configuration: String,
    pub(crate) steps: Vec<Vec<Event>>,
}

const NAMES: [&str; 2] = ["Down", "Slow"];
const SEVERITIES: [&str; 3] = ["critical", "warning", "info"];
const TEAMS: [&str; 3] = ["a", "b", "ops"];
const HOSTS: [&str; 2] = ["x", "y"];
const GROUPINGS: [&str; 6] =
    ["[alertname]", "[alertname, team]", "[]", "['...']", "[severity]", "[host, team]"];
const MATCHERS: [&str; 8] = [
    "severity=\"critical\"",
    "severity!=\"info\"",
    "team=~\"a|b\"",
    "team!~\"o.*\"",
    "host=\"x\"",
    "alertname=\"Down\"",
    "absent=\"\"",
    "absent!=\"\"",
];
const EQUALS: [&str; 4] =
    ["[scenario, host]", "[scenario, team]", "[scenario, absent]", "[scenario, alertname]"];

fn one<T: Copy>(random: &mut Rng, of: &[T]) -> T {
    of[random.usize(..of.len())]
}

/// Scenarios with these seeds. The webhooks are at this address.
pub(crate) fn play(seeds: &[u64], webhooks: &str, steps: usize) -> Play {
    let mut routes = String::new();
    let mut receivers = format!("- name: none\n  webhook_configs: [{{url: '{webhooks}/none'}}]\n");
    let mut inhibitions = String::new();
    let mut events = vec![Vec::new(); steps];
    for (scenario, seed) in seeds.iter().enumerate() {
        let random = &mut Rng::with_seed(*seed);
        route(random, scenario, &mut routes);
        for name in ["one", "two"] {
            let ends = random.bool();
            let _ = writeln!(
                receivers,
                "- name: {name}{scenario}\n  webhook_configs: [{{url: '{webhooks}/', send_resolved: {ends}}}]"
            );
        }
        if random.bool() {
            let (source, target, equal) =
                (one(random, &MATCHERS), one(random, &MATCHERS), one(random, &EQUALS));
            let _ = writeln!(
                inhibitions,
                "- source_matchers: ['scenario=\"{scenario}\"', '{source}']\n  \
                   target_matchers: ['scenario=\"{scenario}\"', '{target}']\n  equal: {equal}"
            );
        }
        course(random, scenario, &mut events);
    }
    let configuration = format!(
        "route:\n  receiver: none\n  group_wait: 1s\n  group_interval: 1s\n  repeat_interval: 1h\n  routes:\n{routes}\
         receivers:\n{receivers}inhibit_rules:\n{inhibitions}\
         time_intervals:\n- name: always\n  time_intervals: [{{times: [{{start_time: '00:00', end_time: '24:00'}}]}}]\n"
    );
    Play { configuration, steps: events }
}

fn route(random: &mut Rng, scenario: usize, routes: &mut String) {
    let grouping = one(random, &GROUPINGS);
    let repeat = one(random, &["1h", "4500ms"]);
    let _ = writeln!(
        routes,
        "  - matchers: ['scenario=\"{scenario}\"']\n    receiver: one{scenario}\n    group_by: {grouping}\n    \
             repeat_interval: {repeat}\n    routes:"
    );
    for number in 0..random.usize(1..4) {
        let (matcher, to) = (one(random, &MATCHERS), one(random, &["one", "two"]));
        let (continues, grouping) = (random.bool(), one(random, &GROUPINGS));
        // The number makes a matcher that always holds, so that no two routes have the same key in Alertmanager's log.
        let _ = writeln!(
            routes,
            "    - matchers: ['{matcher}', 'absent{number}=\"\"']\n      receiver: {to}{scenario}\n      \
                   continue: {continues}\n      group_by: {grouping}"
        );
        match random.usize(..8) {
            0 => routes.push_str("      mute_time_intervals: [always]\n"),
            1 => routes.push_str("      active_time_intervals: [always]\n"),
            _ => {}
        }
    }
}

fn course(random: &mut Rng, scenario: usize, events: &mut [Vec<Event>]) {
    let alerts: Vec<Vec<(String, String)>> = (0..6)
        .map(|_| {
            [
                ("alertname", one(random, &NAMES)),
                ("host", one(random, &HOSTS)),
                ("severity", one(random, &SEVERITIES)),
                ("team", one(random, &TEAMS)),
                ("scenario", &scenario.to_string()),
            ]
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
        })
        .collect();
    let mut fires = vec![false; alerts.len()];
    let mut silenced = false;
    for events in events {
        match random.usize(..8) {
            0 => {
                let (label, value) = one(
                    random,
                    &[("team", "a"), ("severity", "critical"), ("host", "x"), ("alertname", "Down")],
                );
                events.push(Event::Silence { scenario, label, value });
                silenced = true;
            }
            1 if silenced => events.push(Event::Expire { scenario }),
            _ => {}
        }
        for (number, labels) in alerts.iter().enumerate() {
            // The same labels twice would be one alert with two courses.
            let first = alerts.iter().position(|other| other == labels) == Some(number);
            if first && random.usize(..3) == 0 {
                fires[number] = !fires[number];
                events.push(Event::Alert { labels: labels.clone(), fires: fires[number] });
            }
        }
    }
}
