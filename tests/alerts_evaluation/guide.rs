//! The alert rules of a team's monitoring guide, each shown firing.

use std::time::Duration;

use tower_watch::alert::rules::{Rule, RuleGroup};

use crate::world::World;

/// A guide in Markdown whose fence after `### alerts.yml` holds a rule file.
const GUIDE: &str = "TOWER_WATCH_ALERT_GUIDE";

/// Each rule's name, and what has to happen every 15 s for it to fire: series that hold a value, and counters that grow.
type Needs = (&'static str, &'static [(&'static str, f64)], &'static [(&'static str, f64)]);

const RULES: [Needs; 10] = [
    ("HighErrorRate", &[], &[("http_requests_total{method=\"GET\",endpoint=\"/\",status=\"500\"}", 3.0)]),
    (
        "HighResponseTime",
        &[],
        &[
            ("http_request_duration_seconds_bucket{le=\"1\"}", 1.0),
            ("http_request_duration_seconds_bucket{le=\"2.5\"}", 10.0),
            ("http_request_duration_seconds_bucket{le=\"+Inf\"}", 10.0),
        ],
    ),
    ("DatabasePoolExhausted", &[("db_connection_pool{status=\"overflow\"}", 31.0)], &[]),
    ("HighAuthFailureRate", &[], &[("auth_failures_total{reason=\"wrong_password\"}", 2_000.0)]),
    (
        "HighCacheMissRate",
        &[],
        &[("cache_misses_total{cache_type=\"redis\"}", 9.0), ("cache_hits_total{cache_type=\"redis\"}", 1.0)],
    ),
    ("ServiceDown", &[("up{job=\"quant-backend\"}", 0.0)], &[]),
    ("DatabaseDown", &[("up{job=\"postgres\"}", 0.0)], &[]),
    (
        "SlowDatabaseQueries",
        &[],
        &[
            ("db_query_duration_seconds_bucket{query_type=\"select\",le=\"1\"}", 1.0),
            ("db_query_duration_seconds_bucket{query_type=\"select\",le=\"5\"}", 10.0),
            ("db_query_duration_seconds_bucket{query_type=\"select\",le=\"+Inf\"}", 10.0),
        ],
    ),
    ("RedisDown", &[("up{job=\"redis\"}", 0.0)], &[]),
    ("RedisMemoryHigh", &[("redis_memory_used_bytes", 95.0), ("redis_memory_max_bytes", 100.0)], &[]),
];

fn groups() -> Vec<RuleGroup> {
    let path = std::env::var(GUIDE).unwrap_or_else(|_| panic!("{GUIDE} names the guide's file"));
    let guide = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let (_, after) = guide.split_once("### alerts.yml").unwrap();
    let (_, after) = after.split_once("```yaml\n").unwrap();
    RuleGroup::from_yaml(after.split_once("```").unwrap().0).unwrap()
}

#[test]
#[ignore = "needs TOWER_WATCH_ALERT_GUIDE, a guide with the section alerts.yml"]
fn each_rule_of_a_guide_fires_after_its_for_and_ends() {
    let groups = groups();
    let rules: Vec<_> = groups.iter().flat_map(|group| &group.rules).collect();
    assert_eq!(rules.len(), RULES.len());
    for (name, holds, grows) in RULES {
        let rule = rules.iter().find(|rule| rule.name() == name).unwrap_or_else(|| panic!("no rule {name}"));
        let Rule::Alerting(rule) = rule else { panic!("{name} is no alert") };
        let world = World::new(groups.clone());
        let (mut fired_after, mut fired) = (None, 0);
        let mut is_firing = false;
        for step in 0..80_u32 {
            for (series, value) in holds {
                world.set(series, *value);
            }
            for (series, growth) in grows {
                world.set(series, growth * f64::from(step));
            }
            world.pass(Duration::from_secs(15));
            fired += usize::from(!std::mem::replace(&mut is_firing, !world.firing().is_empty()) && is_firing);
            if is_firing {
                fired_after.get_or_insert(step * 15);
            }
        }
        assert_eq!((world.firing(), fired), (vec![name.to_owned()], 1));
        let after = Duration::from_secs(fired_after.unwrap().into());
        assert!(
            after >= rule.for_ && after <= rule.for_ + Duration::from_secs(90),
            "{name} fired after {after:?}"
        );
        let alert = world.watch.alerts().active().remove(0);
        assert!(!alert.annotations["summary"].is_empty());
        assert!(
            alert.annotations.values().all(|text| !text.contains("{{") && !text.contains("<error")),
            "{alert:?}"
        );
        // Everything stops: nothing is said any more of what is wrong.
        for _ in 0..42 {
            world.pass(Duration::from_secs(15));
        }
        assert_eq!(world.firing(), [""; 0], "{name}");
    }
}
