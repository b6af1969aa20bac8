//! What happens, step by step: every scenario under a route of its own.

use serde_json::{Value, json};

/// The configuration; `HOOK` is where messages go.
pub(crate) const CONFIGURATION: &str = r#"
route:
  receiver: rest
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 1h
  group_by: [alertname]
  routes:
  - {matchers: ['scenario="grouped"'], receiver: all, group_by: [alertname, team]}
  - {matchers: ['scenario="each"'], receiver: all, group_by: ['...']}
  - {matchers: ['scenario="both"'], receiver: first, continue: true}
  - {matchers: ['scenario="both"'], receiver: no-ends}
  - {matchers: ['scenario="inhibited"'], receiver: all}
  - {matchers: ['scenario="silenced"'], receiver: all}
  - {matchers: ['scenario="muted"'], receiver: all, mute_time_intervals: [always]}
  - {matchers: ['scenario="repeated"'], receiver: all, repeat_interval: 4500ms}
  - matchers: ['scenario="nested"']
    receiver: first
    routes:
    - {matchers: ['team=~"a|b"'], receiver: all, continue: true}
    - {matchers: ['severity!="info"'], receiver: no-ends, group_by: []}
receivers:
- {name: rest, webhook_configs: [{url: 'HOOK'}]}
- {name: all, webhook_configs: [{url: 'HOOK'}]}
- {name: first, webhook_configs: [{url: 'HOOK'}]}
- {name: no-ends, webhook_configs: [{url: 'HOOK', send_resolved: false}]}
inhibit_rules:
- source_matchers: ['scenario="inhibited"', 'severity="critical"']
  target_matchers: ['scenario="inhibited"', 'severity="warning"']
  equal: [team]
time_intervals:
- {name: always, time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]}
"#;

/// What is done in one step: `+` fires, `-` is over, `s` is silenced and `x` is not any more.
pub(crate) const STEPS: [&[&str]; 7] = [
    &[
        "+ grouped a",
        "+ grouped b",
        "+ each a",
        "+ both a",
        "+ inhibited a critical",
        "+ inhibited a warning",
        "s silenced",
        "+ silenced a",
        "+ muted a",
        "+ repeated a",
        "+ nested a",
        "+ nested c info",
        "+ other a",
    ],
    &["+ grouped a warning", "+ each b", "+ inhibited b warning", "+ nested b info"],
    &["- grouped a", "- each a", "+ both b", "- inhibited a critical", "+ silenced b"],
    &["x silenced", "- both a", "- nested a", "- other a"],
    &["+ grouped a", "+ each a", "- both b", "- inhibited a warning", "- muted a", "- nested c info"],
    &["- grouped a", "- grouped a warning", "- grouped b", "- silenced a", "- inhibited b warning"],
    &["- each a", "- each b", "- silenced b", "- repeated a", "- nested b info"],
];

/// A thing that is done, as a call to the API of version 2.
pub(crate) enum Call {
    Alert(Value),
    Silence(Value),
    /// The silence of this scenario ends.
    Expire(String),
}

pub(crate) fn call(what: &str, now: i64) -> Call {
    let time = |millis: i64| jiff::Timestamp::from_millisecond(millis).unwrap().to_string();
    let mut words = what.split(' ');
    let (kind, scenario) = (words.next().unwrap(), words.next().unwrap());
    let mut word = |other: &str| words.next().unwrap_or(other).to_owned();
    if kind == "s" {
        let matcher = json!({"name": "scenario", "value": scenario, "isRegex": false, "isEqual": true});
        return Call::Silence(json!({
            "matchers": [matcher], "startsAt": time(now), "endsAt": time(now + 3_600_000),
            "createdBy": "test", "comment": "known",
        }));
    }
    if kind == "x" {
        return Call::Expire(scenario.to_owned());
    }
    let (team, severity) = (word("a"), word("critical"));
    let labels = json!({"alertname": "Down", "scenario": scenario, "team": team, "severity": severity});
    Call::Alert(if kind == "+" {
        json!({"labels": labels, "startsAt": time(now)})
    } else {
        json!({"labels": labels, "startsAt": time(now - 1), "endsAt": time(now)})
    })
}
