//! What becomes an alert, and what the client gets.

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response};
use tower::util::ServiceExt as _;
use tower::{Layer as _, service_fn};
use tower_watch_layers::observe::PanicResponse;

use crate::alert::errors::{ErrorAlerts, ErrorReport, Raise};
use crate::alert::{Alert, Severity};

#[derive(Clone, Debug, Default)]
struct Raised {
    alerts: Arc<Mutex<Vec<Alert>>>,
    now: Arc<AtomicI64>,
}

impl Raise for Raised {
    fn raise(&self, alert: Alert) {
        self.alerts.lock().expect("alerts").push(alert);
    }

    fn now(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }
}

impl Raised {
    fn take(&self) -> Vec<Alert> {
        std::mem::take(&mut *self.alerts.lock().expect("alerts"))
    }

    fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }
}

fn broken() -> io::Error {
    io::Error::other("password=secret")
}

#[test]
fn an_error_is_one_alert_however_often_it_happens() {
    let raised = Raised::default();
    raised.advance(1_000);
    let errors = ErrorAlerts::new(raised.clone());
    let error = broken();
    let report = |endpoint: &'static str| {
        errors.report(&ErrorReport::new("db_down").with_endpoint(endpoint).with_error(&error));
    };
    (0..100).for_each(|_| report("/pay"));
    report("/cart");
    let alerts = raised.take();
    assert_eq!(alerts.len(), 2);
    assert_eq!(
        alerts[0].labels.to_string(),
        "{alertname=\"CriticalError\", endpoint=\"/pay\", error_type=\"db_down\", severity=\"critical\"}"
    );
    assert_eq!((alerts[0].starts_at, alerts[0].ends_at), (1_000_000, Some(1_330_000)));
    assert_eq!(alerts[0].annotations["summary"], "db_down at /pay");

    // While it goes on it is renewed now and then, and stays the same.
    raised.advance(30);
    report("/pay");
    let renewed = raised.take();
    assert_eq!(renewed[0].labels, alerts[0].labels);
    assert_eq!((renewed[0].starts_at, renewed[0].ends_at), (1_000_000, Some(1_360_000)));
    assert_eq!(renewed[0].annotations["occurrences"], "101");

    // After its end it is a new one.
    raised.advance(331);
    report("/pay");
    assert_eq!(raised.take()[0].starts_at, 1_361_000);
}

#[test]
fn what_an_error_says_is_shown_only_where_it_was_asked_for() {
    let raised = Raised::default();
    let error = broken();
    ErrorAlerts::new(raised.clone()).report(&ErrorReport::new("a").with_error(&error));
    assert!(!format!("{:?}", raised.take()).contains("secret"));
    ErrorAlerts::new(raised.clone()).showing_errors().report(&ErrorReport::new("a").with_error(&error));
    assert_eq!(raised.take()[0].annotations["error"], "password=secret");
}

#[test]
fn a_classifier_decides_and_may_panic() {
    let raised = Raised::default();
    let errors = ErrorAlerts::new(raised.clone()).with_classifier(|report| match &*report.error_type {
        "mild" => Some(Severity::Warning),
        "none" => None,
        _ => panic!("a classifier that panics"),
    });
    for name in ["mild", "none", "panics"] {
        errors.report(&ErrorReport::new(name));
    }
    let severities: Vec<String> =
        raised.take().iter().map(|alert| alert.labels.get("severity").to_owned()).collect();
    assert_eq!(severities, ["warning", "critical"]);
}

#[test]
fn a_worse_one_is_not_held_back_by_a_milder_one() {
    let raised = Raised::default();
    let errors = ErrorAlerts::new(raised.clone()).with_classifier(|report| {
        Some(if report.error.is_some() { Severity::Critical } else { Severity::Low })
    });
    let error = broken();
    errors.report(&ErrorReport::new("a"));
    errors.report(&ErrorReport::new("a").with_error(&error));
    errors.report(&ErrorReport::new("a"));
    let alerts = raised.take();
    assert_eq!(alerts.len(), 2);
    assert_eq!(alerts[1].labels.get("severity"), "critical");
}

#[test]
fn names_without_end_are_one_alert() {
    let raised = Raised::default();
    let errors = ErrorAlerts::new(raised.clone());
    let error = broken();
    for index in 0..1_500 {
        errors.report(&ErrorReport::new(format!("error {index}")).with_error(&error));
    }
    let alerts = raised.take();
    assert_eq!(alerts.len(), 1_001);
    assert_eq!(alerts[1_000].labels.get("error_type"), "_other");

    let long = "x".repeat(10_000);
    let other = ErrorAlerts::new(raised.clone());
    other.report(&ErrorReport::new(long.clone()).with_endpoint(long).with_error(&error));
    assert_eq!(raised.take()[0].labels.get("error_type").len(), 128);
}

#[tokio::test]
async fn the_layer_sees_panics_and_failures() {
    let raised = Raised::default();
    let errors = ErrorAlerts::new(raised.clone()).with_resolve_after(Duration::from_secs(60));
    let errors = errors.with_classifier(|report| match report.is_panic {
        true => Some(Severity::Critical),
        false => (report.status == Some(503)).then_some(Severity::High),
    });
    let service = errors.layer().layer(service_fn(async |request: Request<String>| {
        let mut response = Response::new(String::new());
        match request.uri().path() {
            "/panic" => panic!("on purpose"),
            "/caught" => drop(response.extensions_mut().insert(PanicResponse)),
            "/busy" => *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE,
            "/wrong" => *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR,
            _ => {}
        }
        Ok::<_, std::convert::Infallible>(response)
    }));
    let ask = |path: &'static str| {
        let request = Request::builder().uri(path).body(String::new()).expect("a request");
        tokio::spawn(service.clone().oneshot(request))
    };
    for (path, expected) in [
        ("/panic", Some(("Panic", "panic", "critical"))),
        ("/caught", None),
        ("/busy", Some(("CriticalError", "503", "high"))),
        ("/wrong", None),
        ("/", None),
    ] {
        let answer = ask(path).await;
        assert_eq!(answer.is_err(), path == "/panic");
        drop(answer);
        let alerts = raised.take();
        let found = alerts
            .first()
            .map(|alert| (alert.name(), alert.labels.get("error_type"), alert.labels.get("severity")));
        // The panic that was caught is the same alert as the one that was not.
        assert_eq!(found, expected, "{path}");
    }
}
