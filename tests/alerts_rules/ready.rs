//! The ready set says nothing of a service that is well, and something of one that is not.

use std::time::Duration;

use tower_watch::alert::Severity;
use tower_watch::alert::rules::{IntoRules, Ready, ReadyRule, Rule, RuleGroup};
use tower_watch::promql::{Evaluator, Value};
use tower_watch::series::{Labels, Store};

use crate::alert;

const MINUTE: i64 = 60_000;
const NOW: i64 = 60 * MINUTE;

/// A store with these series, a sample each 15 seconds of the last half hour: the value at its start, and by how much it
/// grows each minute.
fn store(series: &[(&str, f64, f64)]) -> Store {
    let store = Store::new();
    for (text, start, growth) in series {
        let (name, rest) = text.split_once('{').unwrap_or((text, "}"));
        let labels = rest.trim_end_matches('}').split(',').filter_map(|label| label.split_once('='));
        let labels = Labels::new(std::iter::once(("__name__", name)).chain(labels));
        for step in 0..=120 {
            let time = NOW - 30 * MINUTE + step * 15_000;
            store.append(&labels, time, start + growth * step as f64 / 4.0).unwrap();
        }
    }
    store
}

fn fires(groups: &[RuleGroup], store: &Store) -> Vec<String> {
    let mut names = Vec::new();
    for rule in groups.iter().flat_map(|group| &group.rules) {
        let value = Evaluator::new(store).instant(rule.query(), NOW).unwrap().value;
        if matches!(value, Value::Vector(samples) if !samples.is_empty()) {
            names.push(rule.name().to_owned());
        }
    }
    names
}

fn ready() -> Vec<RuleGroup> {
    Ready::production().into_rules().unwrap()
}

#[test]
fn a_process_without_data_and_a_healthy_one_are_quiet() {
    assert_eq!(fires(&ready(), &store(&[])), ["Watchdog"]);
    let idle = store(&[
        ("up{job=shop}", 1.0, 0.0),
        ("http_requests_total{status=200}", 500.0, 0.0),
        ("http_requests_errors_total{error_type=500}", 3.0, 0.0),
        ("http_requests_aborted_total{reason=cancelled}", 3.0, 0.0),
        ("http_request_duration_seconds_bucket{endpoint=/,le=1}", 500.0, 0.0),
        ("http_request_duration_seconds_bucket{endpoint=/,le=+Inf}", 503.0, 0.0),
        ("http_requests_in_flight", 0.0, 0.0),
        ("cache_hits_total{cache_type=redis}", 5.0, 0.0),
        ("cache_misses_total{cache_type=redis}", 5.0, 0.0),
        ("redis_memory_used_bytes", 1e6, 0.0),
        // Without a limit.
        ("redis_memory_max_bytes", 0.0, 0.0),
        ("disk_available_bytes{path=/proc}", 0.0, 0.0),
        ("disk_total_bytes{path=/proc}", 0.0, 0.0),
        ("tower_watch_series_overflow_total", 0.0, 0.0),
        ("tower_watch_label_overflow_total{label=tenant}", 4.0, 0.0),
        ("tower_watch_notifications_total{receiver=slack,outcome=refused}", 2.0, 0.0),
    ]);
    assert_eq!(fires(&ready(), &idle), ["Watchdog"]);
    let healthy = store(&[
        ("up{job=shop}", 1.0, 0.0),
        ("health_check_status{check=db}", 1.0, 0.0),
        ("health_check_status{check=cache}", 0.5, 0.0),
        ("http_requests_total{status=200}", 0.0, 600.0),
        ("http_requests_errors_total{error_type=500}", 0.0, 6.0),
        ("http_requests_aborted_total{reason=cancelled}", 0.0, 6.0),
        ("http_request_duration_seconds_bucket{endpoint=/,le=0.1}", 0.0, 590.0),
        ("http_request_duration_seconds_bucket{endpoint=/,le=+Inf}", 0.0, 600.0),
        ("http_requests_in_flight", 40.0, 0.0),
        ("slo:current_burn_rate:ratio{sloth_slo=a}", 1.0, 0.0),
        ("auth_failures_total{reason=wrong_password}", 0.0, 60.0),
        ("cache_hits_total{cache_type=redis}", 0.0, 50.0),
        ("cache_misses_total{cache_type=redis}", 0.0, 50.0),
        ("db_query_duration_seconds_bucket{query_type=select,le=0.1}", 0.0, 60.0),
        ("db_query_duration_seconds_bucket{query_type=select,le=+Inf}", 0.0, 60.0),
        ("db_connection_pool{pool=main,status=overflow}", 0.0, 0.0),
        ("redis_memory_used_bytes", 1e6, 0.0),
        ("redis_memory_max_bytes", 1e7, 0.0),
        ("event_loop_lag_seconds", 0.001, 0.0),
        ("disk_available_bytes{path=/}", 5e9, 0.0),
        ("disk_total_bytes{path=/}", 1e10, 0.0),
        ("tls_certificate_not_after_seconds", 3600.0 + 90.0 * 86_400.0, 0.0),
        ("tower_watch_notifications_total{receiver=slack,outcome=delivered}", 0.0, 1.0),
        ("tower_watch_notifications_total{receiver=slack,outcome=retried}", 0.0, 0.25),
    ]);
    assert_eq!(fires(&ready(), &healthy), ["Watchdog"]);
}

#[test]
fn each_rule_fires_for_what_it_is_for() {
    let ill = store(&[
        ("up{job=shop}", 0.0, 0.0),
        ("health_check_status{check=db}", 0.0, 0.0),
        ("http_requests_total{status=200}", 0.0, 600.0),
        ("http_requests_errors_total{error_type=500}", 0.0, 40.0),
        ("http_requests_aborted_total{reason=cancelled}", 0.0, 90.0),
        ("http_request_duration_seconds_bucket{endpoint=/,le=1}", 0.0, 500.0),
        ("http_request_duration_seconds_bucket{endpoint=/,le=2.5}", 0.0, 600.0),
        ("http_request_duration_seconds_bucket{endpoint=/,le=+Inf}", 0.0, 600.0),
        ("http_requests_in_flight", 1_200.0, 0.0),
        ("slo:current_burn_rate:ratio{sloth_slo=a}", 14.0, 0.0),
        ("auth_failures_total{reason=wrong_password}", 0.0, 660.0),
        // Nothing was ever found, so there is no counter of hits.
        ("cache_misses_total{cache_type=redis}", 0.0, 50.0),
        ("db_query_duration_seconds_bucket{query_type=select,le=1}", 0.0, 0.0),
        ("db_query_duration_seconds_bucket{query_type=select,le=5}", 0.0, 60.0),
        ("db_query_duration_seconds_bucket{query_type=select,le=+Inf}", 0.0, 60.0),
        ("db_n_plus_one_detected_total{endpoint=/}", 0.0, 1.0),
        ("db_connection_pool{pool=main,status=overflow}", 3.0, 0.0),
        ("redis_memory_used_bytes", 9.5e6, 0.0),
        ("redis_memory_max_bytes", 1e7, 0.0),
        ("tower_watch_series_overflow_total", 0.0, 1.0),
        ("tower_watch_label_overflow_total{label=tenant}", 0.0, 1.0),
        ("tower_watch_notifications_total{receiver=slack,outcome=retried}", 0.0, 1.0),
        ("event_loop_lag_seconds", 0.4, 0.0),
        ("disk_available_bytes{path=/}", 5e8, 0.0),
        ("disk_total_bytes{path=/}", 1e10, 0.0),
        ("tls_certificate_not_after_seconds", 3600.0 + 20.0 * 86_400.0, 0.0),
    ]);
    let all: Vec<String> = ReadyRule::ALL.iter().map(|rule| format!("{rule:?}")).collect();
    assert_eq!(fires(&ready(), &ill), all);
    let refused = store(&[("tower_watch_notifications_total{receiver=slack,outcome=refused}", 0.0, 0.25)]);
    assert_eq!(fires(&ready(), &refused), ["NotificationFailing", "Watchdog"]);
}

#[test]
fn routes_have_thresholds_of_their_own() {
    let bucket = |endpoint: &str, le: &str| {
        format!("http_request_duration_seconds_bucket{{endpoint={endpoint},le={le}}}")
    };
    let mut series = Vec::new();
    // Each takes between 2.5 and 5 seconds.
    for endpoint in ["/reports/{id}", "/reports/fast", "/orders"] {
        series.extend([
            (bucket(endpoint, "2.5"), 0.0),
            (bucket(endpoint, "5"), 60.0),
            (bucket(endpoint, "+Inf"), 60.0),
        ]);
    }
    let series: Vec<(&str, f64, f64)> =
        series.iter().map(|(text, growth)| (text.as_str(), 0.0, *growth)).collect();
    let store = store(&series);
    let slow = |ready: Ready| -> Vec<String> {
        let groups = ready.into_rules().unwrap();
        let rule = alert(&groups, "SlowRequests").clone();
        let value = Evaluator::new(&store).instant(&rule.query, NOW).unwrap().value;
        let Value::Vector(samples) = value else { panic!("{value:?}") };
        let mut endpoints: Vec<String> =
            samples.iter().map(|sample| sample.labels.get("endpoint").to_owned()).collect();
        endpoints.sort_unstable();
        endpoints
    };
    assert_eq!(slow(Ready::production()), ["/orders", "/reports/fast", "/reports/{id}"]);
    let routes = Ready::production()
        .route_threshold("/reports/fast", Duration::from_secs(2))
        .route_threshold("/reports/*", Duration::from_secs(20));
    assert_eq!(slow(routes), ["/orders", "/reports/fast"]);
}

#[test]
fn each_can_be_adjusted_and_left_out() {
    let groups = Ready::production()
        .without(ReadyRule::Watchdog)
        .adjust(ReadyRule::Watchdog, |rule| rule.above(5.0))
        .adjust(ReadyRule::HighErrorRatio, |rule| {
            rule.above(0.02).for_(Duration::from_secs(300)).severity(Severity::High).notify("on-call")
        })
        .adjust(ReadyRule::DiskFull, |rule| rule.below(0.2))
        .into_rules()
        .unwrap();
    let error = alert(&groups, "HighErrorRatio");
    assert!(error.query.text().ends_with(" > 0.02"), "{}", error.query.text());
    assert_eq!((error.for_, &*error.notify), (Duration::from_secs(300), &["on-call".to_owned()][..]));
    assert_eq!(error.labels, [("severity".to_owned(), "high".to_owned())]);
    assert!(alert(&groups, "DiskFull").query.text().ends_with(" < 0.2"));
    assert!(!groups[0].rules.iter().any(|rule| rule.name() == "Watchdog"));
    assert!(groups[0].rules.iter().all(|rule| matches!(rule, Rule::Alerting(_))));
}

#[test]
fn an_adjustment_that_cannot_be_is_told() {
    let problems = Ready::production()
        .adjust(ReadyRule::DiskFull, |rule| rule.above(0.9))
        .adjust(ReadyRule::Watchdog, |rule| rule.above(0.9))
        .adjust(ReadyRule::LabelOverflow, |rule| rule.label("a-b", "c"))
        .into_rules()
        .unwrap_err();
    let said: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3, "{said:#?}");
    assert!(said[0].starts_with("rule \"LabelOverflow\": label: \"a-b\" is no label name"), "{said:#?}");
    assert_eq!(said[1], "rule \"DiskFull\": its comparison is `< 0.1`, and `>` was said");
    assert_eq!(said[2], "rule \"Watchdog\": it has no threshold to adjust");
}
