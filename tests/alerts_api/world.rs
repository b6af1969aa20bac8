//! A watch whose time is a test's, and its API as a service.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;
use tower_watch::Watch;
use tower_watch::alert::config::Routing;
use tower_watch::alert::receivers::Log;
use tower_watch::alert::{AlertSettings, Alerts};
use tower_watch::http::AlertApi;
use tower_watch::layers::clock::{Clock, FakeClock};

pub(crate) const ROUTING: &str = r#"
route:
  receiver: team
  group_by: [alertname]
  routes:
    - receiver: pager
      matchers: [severity="critical"]
receivers:
  - name: team
  - name: pager
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [host]
"#;

pub(crate) struct World {
    pub(crate) watch: Watch,
    pub(crate) hand: FakeClock,
    api: Router,
}

impl World {
    pub(crate) fn new() -> Self {
        let settings =
            AlertSettings::new().routing(Routing::from_yaml(ROUTING).unwrap()).receiver("extra", Log::new());
        let (clock, hand) = Clock::fake();
        let builder = Watch::builder("shop").local().without_admin().clock(clock).instance("a");
        let watch = builder.alerts(settings).start().unwrap();
        let api = AlertApi::new(watch.alerts().clone()).router();
        Self { watch, hand, api }
    }

    pub(crate) fn alerts(&self) -> &Alerts {
        self.watch.alerts()
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.hand.advance(time);
        self.alerts().tick();
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.ask("GET", path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.ask("POST", path, &[("content-type", "application/json")], &body.to_string()).await
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let answer = self.api.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let value = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        (status, value)
    }
}

/// The member `name` of each of these.
pub(crate) fn each(list: &Value, pointer: &str) -> Vec<String> {
    let list = list.as_array().unwrap();
    list.iter().map(|item| item.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned()).collect()
}
