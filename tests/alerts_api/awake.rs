//! In real time: what the API brings is told when its group is due, and not when the engine wakes up anyway.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;
use tower::ServiceExt;
use tower_watch::Watch;
use tower_watch::alert::AlertSettings;
use tower_watch::alert::config::Routing;
use tower_watch::http::AlertApi;

/// The engine wakes up every five seconds in any case.
const SOON: Duration = Duration::from_secs(4);

#[tokio::test]
async fn a_posted_alert_wakes_the_engine() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let hook = listener.local_addr().unwrap();
    let routing = format!(
        "route: {{receiver: ops, group_wait: 200ms}}\n\
         receivers: [{{name: ops, webhook_configs: [{{url: 'http://{hook}/'}}]}}]\n"
    );
    let settings = AlertSettings::new().routing(Routing::from_yaml(&routing).unwrap());
    let watch =
        Watch::builder("shop").local().without_admin().instance("a").alerts(settings).start().unwrap();
    let api = AlertApi::new(watch.alerts().clone()).router();
    // Asleep, with nothing to do for a while.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let began = Instant::now();
    let body = json!([{"labels": {"alertname": "Down"}}]).to_string();
    let request = Request::post("/api/v2/alerts").header("content-type", "application/json");
    let answer = api.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    // It calls: what it says is another test's.
    tokio::task::spawn_blocking(move || listener.accept()).await.unwrap().unwrap();
    assert!(began.elapsed() < SOON, "told after {:?}", began.elapsed());
}
