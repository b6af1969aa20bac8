//! Files and what becomes of them.

use std::time::Duration;

use crate::alert::config::{GroupBy, Routing};

const WHOLE: &str = r#"
global:
  resolve_timeout: 10m
  slack_api_url: https://hooks.slack.com/services/T/B/hunter2
  smtp_smarthost: mail.example.com:587
  smtp_auth_password: hunter2
  opsgenie_api_key: hunter2
route:
  receiver: default
  group_by: [alertname, cluster]
  group_wait: 10s
  routes:
    - matchers: ['severity="critical"', team=~"a|b"]
      receiver: pager
      group_by: ['...']
      continue: yes
      repeat_interval: 1h
      mute_time_intervals: [nights]
      routes:
        - match: {service: db}
        - match_re: {service: 'web.*'}
          group_by: []
    - active_time_intervals: [weekends]
      group_interval: 1m
inhibit_rules:
  - source_match: {severity: critical}
    target_match_re: {severity: warning|info}
    equal: [alertname]
  - source_matchers: [a=b]
    target_matchers: ['{c="d"}']
receivers:
  - name: default
  - name: pager
mute_time_intervals:
  - name: nights
    time_intervals:
      - times: [{start_time: '22:00', end_time: '24:00'}]
time_intervals:
  - name: weekends
    time_intervals: [{weekdays: ['saturday', 'sunday']}]
"#;

fn shown(matchers: &[crate::series::Matcher]) -> Vec<String> {
    matchers.iter().map(ToString::to_string).collect()
}

#[test]
fn a_whole_file_is_read_and_what_routes_inherit_is_filled_in() {
    let routing = Routing::from_yaml(WHOLE).unwrap();
    assert_eq!(routing.global.resolve_timeout, Duration::from_secs(600));
    let root = &routing.route;
    assert_eq!(root.group_wait, Duration::from_secs(10));
    assert_eq!(root.repeat_interval, Duration::from_secs(4 * 3600));
    let pager = &root.routes[0];
    assert_eq!(shown(&pager.matchers), [r#"severity="critical""#, r#"team=~"a|b""#]);
    assert_eq!((pager.receiver.as_str(), pager.continues), ("pager", true));
    assert_eq!(pager.group_by, GroupBy::All);
    assert_eq!(
        (pager.group_wait, pager.repeat_interval),
        (Duration::from_secs(10), Duration::from_secs(3600))
    );
    assert_eq!(pager.mute_time_intervals, ["nights"]);
    let [db, web] = &pager.routes[..] else { panic!("{pager:?}") };
    assert_eq!((db.receiver.as_str(), &db.group_by), ("pager", &GroupBy::All));
    assert!(db.mute_time_intervals.is_empty(), "muting is not inherited");
    assert_eq!(shown(&web.matchers), [r#"service=~"web.*""#]);
    assert_eq!(web.group_by, GroupBy::All);
    let last = &root.routes[1];
    assert_eq!((last.receiver.as_str(), last.active_time_intervals.len()), ("default", 1));
    assert_eq!(last.group_by, GroupBy::Labels(vec!["alertname".into(), "cluster".into()]));
    assert_eq!(last.group_interval, Duration::from_secs(60));
    let [old, new] = &routing.inhibit_rules[..] else { panic!() };
    assert_eq!(shown(&old.target), [r#"severity=~"warning|info""#]);
    assert_eq!((shown(&new.source), shown(&new.target)), (vec![r#"a="b""#.into()], vec![r#"c="d""#.into()]));
    assert_eq!(routing.warnings(), []);
    assert_eq!(
        routing.receivers.iter().map(|receiver| receiver.name.as_str()).collect::<Vec<_>>(),
        ["default", "pager"]
    );
}

#[test]
fn what_is_shown_has_no_secret_and_is_the_same_configuration() {
    let routing = Routing::from_yaml(WHOLE).unwrap();
    assert!(!format!("{routing:?}").contains("hunter2"));
    let original = &routing.original;
    assert!(!original.contains("hunter2"), "{original}");
    let again = original.replace("slack_api_url: <secret>", "slack_api_url: https://x/y");
    let again = Routing::from_yaml(&again).unwrap_or_else(|error| panic!("{error}\n{original}"));
    assert_eq!(again.route, routing.route);
    assert_eq!(again.inhibit_rules, routing.inhibit_rules);
    assert_eq!(again.time_intervals, routing.time_intervals);
}

/// Files with one mistake, and what is said of it.
const MISTAKES: [(&str, &str); 4] = [
    ("", "there is no route; see https://prometheus.io/docs/alerting/latest/configuration/"),
    ("route: {receiver: a}\nreceivers: [{name: a}]\nfoo: 1", "3:1: foo: there is no such key; remove it"),
    (
        "route: {reciever: a, receiver: a}\nreceivers: [{name: a}]",
        "1:9: route.reciever: there is no such key; did you mean receiver?",
    ),
    (
        "route: {receiver: a, routes: [{receiver: opz}]}\nreceivers: [{name: a}, {name: ops}]",
        "1:42: route.routes[0].receiver: no receiver is called \"opz\"; did you mean \"ops\"?",
    ),
];

#[test]
fn each_mistake_is_told_with_its_place_and_the_mend() {
    for (text, told) in MISTAKES {
        let error = Routing::from_yaml(text).map(drop).unwrap_err();
        assert_eq!(error.to_string(), told, "{text}");
    }
}
