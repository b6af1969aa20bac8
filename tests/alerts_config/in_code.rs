//! Routing without a file.

use std::time::Duration;

use tower_watch::alert::config::{GroupBy, InhibitRule, Integration, Period, Route, Routing, TimeInterval};
use tower_watch::alert::receivers::Log;
use tower_watch::series::Matcher;

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn code_says_what_a_file_says() {
    let nights = Period::new().times("22:00", "24:00").unwrap().location("Europe/Berlin").unwrap();
    let coded = Routing::builder(Route::to("log").group_by(["alertname"]).group_wait(MINUTE))
        .receiver("log", Log::new())
        .receiver("pager", Log::new())
        .receiver("pager", Log::new())
        .interval(TimeInterval::new("nights").during(nights))
        .inhibit(InhibitRule::new([Matcher::equal("a", "b")], [Matcher::equal("c", "d")]).equal("e"))
        .route(
            Route::to("pager")
                .matching("severity", "critical")
                .matchers("team=~\"a|b\"")
                .muted_in("nights")
                .repeat_interval(10 * MINUTE)
                .continues()
                .route(Route::to("log").group_by(["..."])),
        )
        .build()
        .unwrap();
    let text = "
route:
  receiver: log
  group_by: [alertname]
  group_wait: 1m
  routes:
    - receiver: pager
      match: {severity: critical}
      matchers: ['team=~\"a|b\"']
      mute_time_intervals: [nights]
      repeat_interval: 10m
      continue: true
      routes: [{receiver: log, group_by: ['...']}]
receivers: [{name: log}, {name: pager}]
inhibit_rules: [{source_match: {a: b}, target_match: {c: d}, equal: [e]}]
time_intervals:
  - name: nights
    time_intervals: [{times: [{start_time: '22:00', end_time: '24:00'}], location: Europe/Berlin}]
";
    let read = Routing::from_yaml(text).unwrap();
    assert_eq!(coded.route, read.route);
    assert_eq!(coded.inhibit_rules, read.inhibit_rules);
    assert_eq!(coded.time_intervals, read.time_intervals);
    assert_eq!(coded.receivers[1].integrations.len(), 2);
    assert_eq!(coded.route.routes[0].routes[0].group_by, GroupBy::All);
}

#[test]
fn what_cannot_be_is_told_all_together() {
    let error = Routing::builder(Route::to("lgo").matching("a", "b").group_by(["x", "x"]))
        .receiver("log", Log::new())
        .receiver("", Log::new())
        .interval(TimeInterval::new("i"))
        .interval(TimeInterval::new("i"))
        .route(Route::to("log").matchers("a=~(").muted_in("never").group_interval(Duration::ZERO))
        .build()
        .unwrap_err();
    let told = "\
a receiver has no name; routes call it by one
two time intervals are called \"i\"; rename one of them
the first route takes all alerts; move what it matches to a route below it
the label x is given twice; remove one of them
no receiver is called \"lgo\"; did you mean \"log\"?
the regular expression \"(\" cannot be used: unclosed group
no time interval is called \"never\"; add it, or write one of i
this is zero; write how long to wait, as in 5m";
    assert_eq!(error.to_string(), told);
}

#[test]
fn without_anybody_to_tell_it_is_the_log() {
    let routing = Routing::log();
    assert_eq!((routing.route.receiver.as_str(), routing.receivers.len()), ("log", 1));
}

#[test]
fn unsupported_kinds_go_to_an_alertmanager_by_choice() {
    let text = "route: {receiver: a}\nreceivers: [{name: a, opsgenie_configs: [{api_key: x}], telegram_configs: [{}]}]\n";
    Routing::from_yaml(text).unwrap_err();
    let options = Routing::options().push_unsupported_to(["http://one:9093", "http://two:9093"]);
    let routing = options.from_yaml(text).unwrap();
    let kinds: Vec<&str> = routing.receivers[0]
        .integrations
        .iter()
        .map(|integration| match integration {
            Integration::Built(receiver) => receiver.kind(),
            _ => "",
        })
        .collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    assert_eq!(kinds[0], kinds[1]);
}
