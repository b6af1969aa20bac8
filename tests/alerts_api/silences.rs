//! `/api/v2/silences` and `/api/v2/silence/{id}`.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::{World, each};

fn silence(value: &str) -> Value {
    json!({
        "matchers": [
            {"name": "alertname", "value": value, "isRegex": true},
            {"name": "host", "value": "b", "isRegex": false, "isEqual": false},
        ],
        "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2026-01-01T02:00:00Z", "createdBy": "ann", "comment": "known",
    })
}

#[tokio::test]
async fn it_is_made_shown_changed_and_ended() {
    let world = World::new();
    let (status, made) = world.post("/api/v2/silences", &silence("Do.*")).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let id = made["silenceID"].as_str().unwrap().to_owned();
    let path = format!("/api/v2/silence/{id}");
    let (_, shown) = world.get(&path).await;
    assert_eq!(
        shown,
        json!({
            "id": id, "status": {"state": "active"}, "updatedAt": "2026-01-01T00:00:00.000Z",
            "comment": "known", "createdBy": "ann",
            "matchers": [
                {"isEqual": true, "isRegex": true, "name": "alertname", "value": "Do.*"},
                {"isEqual": false, "isRegex": false, "name": "host", "value": "b"},
            ],
            "startsAt": "2026-01-01T00:00:00.000Z", "endsAt": "2026-01-01T02:00:00.000Z",
        })
    );
    let mut longer = silence("Do.*");
    (longer["id"], longer["endsAt"]) = (json!(id), json!("2026-01-01T03:00:00Z"));
    assert_eq!(world.post("/api/v2/silences", &longer).await.1["silenceID"], id);
    assert_eq!(world.get(&path).await.1["endsAt"], "2026-01-01T03:00:00.000Z");

    world.pass(Duration::from_secs(60));
    assert_eq!(world.ask("DELETE", &path, &[], "").await.0, StatusCode::OK);
    assert_eq!(world.get(&path).await.1["status"]["state"], "expired");
    assert_eq!(world.ask("DELETE", &path, &[], "").await.0, StatusCode::INTERNAL_SERVER_ERROR);
    let unknown = "/api/v2/silence/00000000-0000-4000-8000-000000000000";
    assert_eq!(world.get(unknown).await.0, StatusCode::NOT_FOUND);
    assert_eq!(world.ask("DELETE", unknown, &[], "").await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        each(&world.get("/api/alerts/audit").await.1, "/what"),
        ["silence expired", "silenced", "silenced"]
    );
}

#[tokio::test]
async fn filters_choose_and_the_active_come_first() {
    let world = World::new();
    let mut later = silence("Later");
    later["startsAt"] = json!("2026-01-01T01:00:00Z");
    for posted in [later, silence("Now")] {
        assert_eq!(world.post("/api/v2/silences", &posted).await.0, StatusCode::OK);
    }
    let (_, all) = world.get("/api/v2/silences").await;
    assert_eq!(each(&all, "/status/state"), ["active", "pending"]);
    let (_, some) = world.get("/api/v2/silences?filter=alertname%3D%22Now%22").await;
    assert_eq!(each(&some, "/matchers/0/value"), ["Now"]);
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let world = World::new();
    let change = |name: &str, value: Value| {
        let mut posted = silence("x");
        posted[name] = value;
        posted
    };
    for posted in [
        json!({}),
        change("matchers", json!([])),
        change("matchers", json!([{"name": "a", "value": ".*", "isRegex": true}])),
        change("matchers", json!([{"name": "a", "value": "(", "isRegex": true}])),
        change("matchers", json!([{"name": "", "value": "a", "isRegex": false}])),
        change("endsAt", json!("2025-01-01T00:00:00Z")),
        change("endsAt", json!("0001-01-01T00:00:00Z")),
        change("comment", json!("z".repeat(65_536))),
        change("matchers", json!(vec![json!({"name": "a", "value": "b", "isRegex": false}); 101])),
    ] {
        let (status, error) = world.post("/api/v2/silences", &posted).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{posted}");
        assert!(error.is_string(), "{error}");
    }
    let (status, _) = world.post("/api/v2/silences", &change("id", json!("nobody's"))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/api/v2/silences").await.1, json!([]));
}
