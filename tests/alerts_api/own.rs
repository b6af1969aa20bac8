//! Status, receivers, and what Alertmanager has not.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;
use tower_watch::Watch;
use tower_watch::http::AlertApi;

use crate::world::{World, each};

#[tokio::test]
async fn who_answers_and_whom_it_tells() {
    let world = World::new();
    let (_, status) = world.get("/api/v2/status").await;
    assert_eq!(status["uptime"], "2026-01-01T00:00:00.000Z");
    assert_eq!(status["cluster"], json!({"status": "disabled", "peers": []}));
    assert!(status["config"]["original"].as_str().unwrap().contains("receiver: pager"), "{status}");
    for name in ["version", "revision", "branch", "buildUser", "buildDate", "goVersion"] {
        assert!(status["versionInfo"][name].is_string(), "{name}");
    }
    assert_eq!(each(&world.get("/api/v2/receivers").await.1, "/name"), ["team", "pager", "extra"]);
}

#[tokio::test]
async fn an_alert_is_taken_care_of_and_explained() {
    let world = World::new();
    world.post("/api/v2/alerts", &json!([{"labels": {"alertname": "Down"}}])).await;
    let matchers = json!([{"name": "alertname", "value": "Down", "isRegex": false}]);
    let taken = json!({"matchers": matchers, "author": "ann", "comment": "on it"});
    assert_eq!(world.post("/api/alerts/acknowledge", &taken).await.1, json!({"acknowledged": 1}));
    let (_, explained) = world.get("/api/alerts/explain?filter=alertname%3DDown").await;
    assert!(explained[0]["explanation"].as_str().unwrap().contains("ann"), "{explained}");
    let fingerprint = explained[0]["fingerprint"].as_str().unwrap();
    let (_, again) = world.get(&format!("/api/alerts/explain?fingerprint={fingerprint}")).await;
    assert_eq!(again, explained);
    assert_eq!(world.get("/api/alerts/explain").await.0, StatusCode::BAD_REQUEST);
    let nobody = json!({"matchers": [{"name": "a", "value": "b", "isRegex": false}], "author": "ann"});
    assert_eq!(world.post("/api/alerts/acknowledge", &nobody).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_takes_care_says_who_and_can_give_up() {
    let world = World::new();
    world.post("/api/v2/alerts", &json!([{"labels": {"alertname": "Down"}}])).await;
    let matchers = json!([{"name": "alertname", "value": "Down", "isRegex": false}]);
    let path = "/api/alerts/acknowledge";
    for bad in [
        json!({"matchers": matchers, "author": " "}),
        json!({"matchers": [], "author": "ann"}),
        json!({"matchers": matchers, "author": "ann", "endsAt": "2001-01-01T00:00:00Z"}),
        json!({"matchers": [{"name": "", "value": "b", "isRegex": false}], "author": "ann"}),
        json!({"matchers": [{"name": "a", "value": "(", "isRegex": true}], "author": "ann"}),
    ] {
        assert_eq!(world.post(path, &bad).await.0, StatusCode::BAD_REQUEST, "{bad}");
    }
    let ann = json!({"matchers": matchers, "author": "ann"});
    let json_type = &[("content-type", "application/json")];
    assert_eq!(world.ask("DELETE", path, json_type, &ann.to_string()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(world.post(path, &ann).await.0, StatusCode::OK);
    assert_eq!(world.ask("DELETE", path, &[], &ann.to_string()).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let withdrawn = world.ask("DELETE", path, json_type, &ann.to_string()).await;
    assert_eq!(withdrawn, (StatusCode::OK, json!({"withdrawn": 1})));
    assert_eq!(world.ask("POST", "/-/reload", &[], "").await.0, StatusCode::OK);
    world.ask("POST", "/api/v1/alerts/test?receiver=extra", &[], "").await;
    let (_, audit) = world.get("/api/alerts/audit").await;
    assert_eq!(each(&audit, "/who"), ["api", "api", "ann", "ann"]);
    assert_eq!(each(&audit, "/what"), ["tested", "reloaded", "acknowledgement withdrawn", "acknowledged"]);
}

#[tokio::test]
async fn commands_are_no_forms() {
    let world = World::new();
    assert_eq!(world.ask("POST", "/-/reload", &[], "").await.0, StatusCode::OK);
    assert_eq!(world.ask("GET", "/-/reload", &[], "").await.0, StatusCode::METHOD_NOT_ALLOWED);
    let form = &[("content-type", "text/plain")];
    assert_eq!(world.ask("POST", "/-/reload", form, "").await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let test = |name: &str| format!("/api/v1/alerts/test?receiver={name}");
    assert_eq!(world.ask("POST", &test("extra"), &[], "").await.0, StatusCode::OK);
    assert_eq!(world.ask("POST", &test("nobody"), &[], "").await.0, StatusCode::NOT_FOUND);
    assert_eq!(world.ask("POST", &test("extra"), form, "").await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn prometheus_own_two_paths_are_there_too() {
    let world = World::new();
    assert_eq!(world.get("/api/v1/rules").await.1, json!({"status": "success", "data": {"groups": []}}));
    assert_eq!(world.get("/api/v1/alerts").await.1, json!({"status": "success", "data": {"alerts": []}}));
}

#[tokio::test]
async fn without_an_engine_every_path_says_so() {
    let watch = Watch::builder("shop").local().without_alerts().start().unwrap();
    let api: Router = AlertApi::new(watch.alerts().clone()).router();
    let request = Request::get("/api/v2/alerts").body(Body::empty()).unwrap();
    let answer = api.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let bytes = axum::body::to_bytes(answer.into_body(), 1_000).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), json!("there is no alert engine here"));
}
