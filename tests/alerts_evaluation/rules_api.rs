//! `/api/v1/rules` and `/api/v1/alerts`, as Prometheus answers them.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use tower_watch::alert::rules::RuleGroup;

use crate::world::World;

const RULES: &str = "
groups:
- name: web
  interval: 15s
  limit: 10
  rules:
  - {record: 'job:up:sum', expr: 'sum by (job) (up)', labels: {kind: sum}}
  - alert: Down
    expr: up{job='web'}   == 0
    for: 30s
    keep_firing_for: 1m
    labels: {severity: high, team: '{{ $labels.job }}'}
    annotations: {summary: '{{ $labels.job }} is down'}
- name: torn
  interval: 15s
  rules:
  - {alert: Torn, expr: 'up / on () group_left () two > 0', labels: {severity: low}}
";

fn world() -> World {
    let world = World::new(RuleGroup::from_yaml(RULES).unwrap());
    for _ in 0..5 {
        world.set("up{job=\"web\"}", 0.0);
        world.set("two{a=\"1\"}", 1.0);
        world.set("two{a=\"2\"}", 1.0);
        world.pass(Duration::from_secs(15));
    }
    world
}

/// What changes from run to run is asserted to be there, and left out.
fn settled(mut answer: Value) -> Value {
    fn settle(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for name in ["evaluationTime", "lastEvaluation", "activeAt"] {
                    if let Some(member) = members.get_mut(name) {
                        assert!(!member.is_null());
                        *member = json!("...");
                    }
                }
                members.values_mut().for_each(settle);
            }
            Value::Array(items) => items.iter_mut().for_each(settle),
            _ => {}
        }
    }
    settle(&mut answer);
    answer
}

fn names(answer: &Value) -> Vec<String> {
    let groups = answer["data"]["groups"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let rules = groups.iter().flat_map(|group| group["rules"].as_array().unwrap());
    rules.map(|rule| rule["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn rules_are_shown_with_their_state_and_their_alerts() {
    let world = world();
    let (status, answer) = world.get("/api/v1/rules?rule_group[]=web").await;
    assert_eq!((status, answer["status"].as_str()), (StatusCode::OK, Some("success")));
    let alert = json!({
        "labels": {"alertname": "Down", "job": "web", "severity": "high", "team": "web"},
        "annotations": {"summary": "web is down"},
        "state": "firing", "activeAt": "...", "value": "0e+00",
    });
    let recording = json!({
        "name": "job:up:sum", "query": "sum by (job) (up)", "labels": {"kind": "sum"}, "health": "ok",
        "evaluationTime": "...", "lastEvaluation": "...", "type": "recording",
    });
    let alerting = json!({
        "state": "firing", "name": "Down", "query": "up{job=\"web\"} == 0", "duration": 30, "keepFiringFor": 60,
        "labels": {"severity": "high", "team": "{{ $labels.job }}"},
        "annotations": {"summary": "{{ $labels.job }} is down"},
        "alerts": [alert], "health": "ok", "evaluationTime": "...", "lastEvaluation": "...", "type": "alerting",
    });
    let group = json!({
        "name": "web", "file": "", "rules": [recording, alerting], "interval": 15, "limit": 10,
        "evaluationTime": "...", "lastEvaluation": "...",
    });
    assert_eq!(settled(answer["data"].clone()), json!({"groups": [group]}));
    let (_, answer) = world.get("/api/v1/alerts").await;
    assert_eq!(settled(answer["data"].clone()), json!({"alerts": [alert]}));
}

#[tokio::test]
async fn a_rule_that_fails_says_why() {
    let (_, answer) = world().get("/api/v1/rules?rule_name[]=Torn").await;
    let rule = &answer["data"]["groups"][0]["rules"][0];
    assert_eq!((rule["health"].as_str(), rule["state"].as_str()), (Some("err"), Some("inactive")));
    assert!(rule["lastError"].as_str().unwrap().contains("duplicate series"), "{rule}");
}

#[tokio::test]
async fn rules_are_picked() {
    let world = world();
    for (query, expected) in [
        ("", vec!["job:up:sum", "Down", "Torn"]),
        ("type=alert", vec!["Down", "Torn"]),
        ("type=record", vec!["job:up:sum"]),
        ("rule_name[]=Down&rule_name[]=Torn", vec!["Down", "Torn"]),
        ("rule_group[]=torn", vec!["Torn"]),
        ("file[]=", vec!["job:up:sum", "Down", "Torn"]),
        ("file[]=other.yml", vec![]),
        ("match[]={severity=~%22high|low%22}", vec!["Down", "Torn"]),
        ("match[]={severity=%22high%22}&match[]={kind=%22sum%22}", vec!["job:up:sum", "Down"]),
        // A template is no value.
        ("match[]={team!=%22%22}", vec![]),
    ] {
        let (status, answer) = world.get(&format!("/api/v1/rules?{query}")).await;
        assert_eq!(
            (status, names(&answer)),
            (StatusCode::OK, expected.iter().map(ToString::to_string).collect()),
            "{query}"
        );
    }
    let (_, answer) = world.get("/api/v1/rules?exclude_alerts=true&rule_name[]=Down").await;
    let rule = &answer["data"]["groups"][0]["rules"][0];
    assert_eq!((&rule["state"], &rule["alerts"]), (&json!("firing"), &json!([])));
}

#[tokio::test]
async fn groups_come_in_pages() {
    let world = world();
    let (_, first) = world.get("/api/v1/rules?group_limit=1").await;
    let token = first["data"]["groupNextToken"].as_str().unwrap();
    let (_, second) = world.get(&format!("/api/v1/rules?group_limit=1&group_next_token={token}")).await;
    assert_eq!(names(&first), ["job:up:sum", "Down"]);
    assert_eq!((names(&second), second["data"].get("groupNextToken")), (vec!["Torn".to_owned()], None));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let world = world();
    for (query, fault) in [
        ("type=other", "invalid parameter \"type\": not supported value \"other\""),
        ("exclude_alerts=perhaps", "invalid parameter \"exclude_alerts\""),
        ("match[]=up+1", "invalid parameter \"match[]\""),
        ("group_limit=x", "group_limit needs to be a valid number"),
        ("group_limit=0", "group_limit needs to be greater than 0"),
        ("group_next_token=x", "group_limit needs to be set in order to paginate over the groups"),
        ("group_limit=1&group_next_token=x", "invalid group_next_token. were rule groups changed?"),
    ] {
        let (status, answer) = world.get(&format!("/api/v1/rules?{query}")).await;
        assert_eq!(
            (status, answer["errorType"].as_str()),
            (StatusCode::BAD_REQUEST, Some("bad_data")),
            "{query}"
        );
        assert!(answer["error"].as_str().unwrap().contains(fault), "{query}: {answer}");
    }
}
