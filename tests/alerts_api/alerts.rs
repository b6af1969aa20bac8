//! `/api/v2/alerts` and `/api/v2/alerts/groups`.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use crate::world::{World, each};

#[tokio::test]
async fn what_is_posted_is_shown_as_upstream_shows_it() {
    let world = World::new();
    let posted = json!([{
        "labels": {"alertname": "Down", "host": "a", "empty": ""},
        "annotations": {"summary": "it is down"},
        "startsAt": "0001-01-01T00:00:00.000Z",
        "endsAt": "0001-01-01T00:00:00.000Z",
        "generatorURL": "http://x/",
    }]);
    assert_eq!(world.post("/api/v2/alerts", &posted).await.0, StatusCode::OK);
    let (status, shown) = world.get("/api/v2/alerts").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        shown,
        json!([{
            "annotations": {"summary": "it is down"},
            "endsAt": "2026-01-01T00:05:00.000Z",
            "fingerprint": shown[0]["fingerprint"],
            "receivers": [{"name": "team"}],
            "startsAt": "2026-01-01T00:00:00.000Z",
            "status": {"inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active"},
            "updatedAt": "2026-01-01T00:00:00.000Z",
            "generatorURL": "http://x/",
            "labels": {"alertname": "Down", "host": "a"},
        }])
    );
    assert_eq!(shown[0]["fingerprint"].as_str().unwrap().len(), 16);
    // Nobody renews it.
    world.pass(Duration::from_secs(301));
    assert_eq!(world.get("/api/v2/alerts").await.1, json!([]));
    assert_eq!(each(&world.get("/api/alerts/history").await.1, "/labels/alertname"), ["Down"]);
}

#[tokio::test]
async fn an_alert_of_megabytes_is_refused_and_its_neighbour_is_not() {
    let world = World::new();
    let posted = json!([
        {"labels": {"alertname": "Down"}, "annotations": {"summary": "z".repeat(1 << 20)}},
        {"labels": {"alertname": "Slow"}},
    ]);
    let (status, error) = world.post("/api/v2/alerts", &posted).await;
    assert_eq!((status, error), (StatusCode::BAD_REQUEST, json!("an alert has at most 65536 bytes")));
    assert_eq!(each(&world.get("/api/v2/alerts").await.1, "/labels/alertname"), ["Slow"]);
}

#[tokio::test]
async fn an_end_ends_it() {
    let world = World::new();
    let labels = json!({"alertname": "Down"});
    world.post("/api/v2/alerts", &json!([{"labels": labels, "endsAt": "2026-01-01T01:00:00Z"}])).await;
    world.pass(Duration::from_secs(600));
    assert_eq!(each(&world.get("/api/v2/alerts").await.1, "/endsAt"), ["2026-01-01T01:00:00.000Z"]);
    let end =
        json!([{"labels": labels, "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2026-01-01T00:10:00Z"}]);
    assert_eq!(world.post("/api/v2/alerts", &end).await.0, StatusCode::OK);
    assert_eq!(world.get("/api/v2/alerts").await.1, json!([]));
}

#[tokio::test]
async fn filters_choose() {
    let world = World::new();
    let posted = json!([
        {"labels": {"alertname": "Slow", "host": "a", "severity": "warning"}},
        {"labels": {"alertname": "Down", "host": "a", "severity": "critical"}},
        {"labels": {"alertname": "Full", "host": "b", "severity": "warning"}},
    ]);
    world.post("/api/v2/alerts", &posted).await;
    let silence = json!({
        "matchers": [{"name": "alertname", "value": "Full", "isRegex": false}],
        "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2026-01-01T02:00:00Z", "createdBy": "ann", "comment": "known",
    });
    let id = world.post("/api/v2/silences", &silence).await.1["silenceID"].as_str().unwrap().to_owned();
    let (_, all) = world.get("/api/v2/alerts").await;
    let of = |name: &str| {
        all.as_array().unwrap().iter().find(|alert| alert["labels"]["alertname"] == name).unwrap()
    };
    assert_eq!(of("Down")["receivers"], json!([{"name": "pager"}]));
    assert_eq!(of("Down")["status"]["state"], "active");
    assert_eq!(of("Slow")["status"]["inhibitedBy"], json!([of("Down")["fingerprint"]]));
    assert_eq!(of("Slow")["status"]["state"], "suppressed");
    assert_eq!(of("Full")["status"]["silencedBy"], json!([id]));
    for (query, expected) in [
        ("", vec!["Down", "Full", "Slow"]),
        ("?active=false", vec!["Full", "Slow"]),
        ("?silenced=false", vec!["Down", "Slow"]),
        ("?inhibited=false", vec!["Down", "Full"]),
        ("?silenced=false&inhibited=false", vec!["Down"]),
        ("?filter=host%3D%22a%22", vec!["Down", "Slow"]),
        ("?filter=host%3Da&filter=severity!~crit.*", vec!["Slow"]),
        ("?filter=nothing%3D%22%22", vec!["Down", "Full", "Slow"]),
        ("?receiver=pag.*", vec!["Down"]),
        ("?receiver=pag", vec![]),
        ("?unprocessed=false", vec!["Down", "Full", "Slow"]),
    ] {
        let (status, shown) = world.get(&format!("/api/v2/alerts{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}");
        let mut names = each(&shown, "/labels/alertname");
        names.sort();
        assert_eq!(names, expected, "{query}");
    }
    let (_, groups) = world.get("/api/v2/alerts/groups?silenced=false").await;
    assert_eq!(each(&groups, "/labels/alertname"), ["Down", "Slow"]);
    assert_eq!(each(&groups, "/receiver/name"), ["pager", "team"]);
    assert_eq!(groups[0]["alerts"][0]["labels"]["host"], "a");
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let world = World::new();
    for (body, said) in [
        (json!({}), "not what belongs here"),
        (json!([{"annotations": {}}]), "missing field `labels`"),
        (json!([{"labels": {}}]), "at least one label"),
        (json!([{"labels": {"a": ""}}]), "at least one label"),
        (json!([{"labels": {"": "x"}}]), "no name of a label"),
        (json!([{"labels": {"a": "b"}, "endsAt": "tomorrow"}]), "is no time"),
        (
            json!([{"labels": {"a": "b"}, "startsAt": "2026-01-02T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z"}]),
            "starts after it ends",
        ),
    ] {
        let (status, error) = world.post("/api/v2/alerts", &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        assert!(error.as_str().unwrap().contains(said), "{body}: {error}");
    }
    assert_eq!(world.get("/api/v2/alerts").await.1, json!([]));
    for query in ["filter=%3D", "filter=a=~%22(%22", "receiver=(", "active=perhaps", "filter=%zz"] {
        let (status, _) = world.get(&format!("/api/v2/alerts?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    }
    for headers in
        [&[][..], &[("content-type", "text/plain")], &[("content-type", "application/x-www-form-urlencoded")]]
    {
        let (status, _) = world.ask("POST", "/api/v2/alerts", headers, "[]").await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{headers:?}");
    }
    let large = format!("[{}]", " ".repeat(5 << 20));
    let (status, _) =
        world.ask("POST", "/api/v2/alerts", &[("content-type", "application/json")], &large).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}
