//! Errors and panics of an axum service: one alert each for the operators, a safe 500 for the client.
#![cfg(all(feature = "alerts", feature = "axum"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use tower_watch::alert::AlertSettings;
use tower_watch::alert::errors::ErrorAlerts;
use tower_watch::layers::clock::{Clock, FakeClock};
use tower_watch::problem::Problem;
use tower_watch::watch::Preset;
use tower_watch::{RouterExt as _, Watch};

struct World {
    watch: Watch,
    hand: FakeClock,
    app: Router,
}

impl World {
    fn new() -> Self {
        let (clock, hand) = Clock::fake();
        let builder = Watch::builder("shop").local().without_admin().clock(clock).instance("a");
        // In development a client is told what a panic said.
        let builder = builder.preset(Preset::Production);
        let watch = builder.alerts(AlertSettings::new()).start().unwrap();
        let errors = ErrorAlerts::new(watch.alerts().clone());
        let in_handler = errors.clone();
        let pay = async move || {
            let charged: Result<(), io::Error> = Err(io::Error::other("password=secret"));
            charged.map_err(|error| in_handler.problem(error, "charge_failed"))?;
            Ok::<_, Problem>("paid")
        };
        let busy = async || StatusCode::SERVICE_UNAVAILABLE;
        let panics = async || -> &'static str { panic!("password=secret") };
        let app = Router::new()
            .route("/pay/{id}", get(pay))
            .route("/panics", get(panics))
            .route("/busy", get(busy))
            .route("/", get(async || "fine"))
            .layer(errors.layer())
            .watched(&watch);
        Self { watch, hand, app }
    }

    async fn ask(&self, path: &str) -> (StatusCode, String) {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// The labels of the alerts that fire.
    fn firing(&self) -> Vec<String> {
        self.watch.alerts().tick();
        let active = self.watch.alerts().active();
        let own = active.iter().filter(|alert| ["CriticalError", "Panic"].contains(&alert.name()));
        own.map(|alert| alert.labels.to_string()).collect()
    }
}

#[tokio::test]
async fn an_error_of_a_handler_is_an_alert_and_a_safe_500() {
    let world = World::new();
    for id in 0..20 {
        let (status, body) = world.ask(&format!("/pay/{id}")).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.contains("request_id") && !body.contains("secret"), "{body}");
    }
    let expected = r#"{alertname="CriticalError", endpoint="/pay/{id}", error_type="charge_failed", instance="a", service="shop", severity="critical"}"#;
    assert_eq!(world.firing(), [expected]);
    let active = world.watch.alerts().active();
    let alert = active.iter().find(|alert| alert.name() == "CriticalError").unwrap();
    assert_eq!(alert.annotations["summary"], "charge_failed at /pay/{id}");
    assert!(!alert.annotations["request_id"].is_empty());
    assert!(!format!("{alert:?}").contains("secret"));

    // It ends by itself when it does not happen again.
    world.hand.advance(Duration::from_secs(290));
    assert_eq!(world.firing().len(), 1);
    world.hand.advance(Duration::from_secs(45));
    assert!(world.firing().is_empty());
}

#[tokio::test]
async fn a_panic_is_an_alert_and_a_safe_500() {
    let world = World::new();
    for _ in 0..3 {
        let (status, body) = world.ask("/panics").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!body.contains("secret"), "{body}");
    }
    let expected = r#"{alertname="Panic", endpoint="/panics", error_type="panic", instance="a", service="shop", severity="critical"}"#;
    assert_eq!(world.firing(), [expected]);
}

#[tokio::test]
async fn what_is_neither_is_no_alert() {
    let world = World::new();
    assert_eq!(world.ask("/busy").await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.ask("/").await.0, StatusCode::OK);
    assert_eq!(world.ask("/nowhere").await.0, StatusCode::NOT_FOUND);
    assert!(world.firing().is_empty());
}
