//! A service with a past, and how it is asked.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use metrics::{Unit, counter, describe_counter, describe_histogram, gauge, histogram, with_local_recorder};
use serde_json::Value;
use tower::ServiceExt;
use tower_watch::http::QueryApi;
use tower_watch::layers::clock::Clock;
use tower_watch::layers::exemplar;
use tower_watch::layers::w3c::TraceId;
use tower_watch::promql::QueryEngine;
use tower_watch::registers::Registers;
use tower_watch::series::{Labels, STALE, Store};

/// The present of every test: the zero of the fake clock, 2026-01-01T00:00:00Z.
pub(crate) const NOW: i64 = 1_767_225_600;

/// Five minutes of a counter for two methods (one and two a second), a gauge with a name of UTF-8, and a series that
/// ended two minutes ago. Every 10 s, 1 s off the full ones.
pub(crate) fn store() -> Arc<Store> {
    let store = Store::new();
    let get = Labels::new([("__name__", "jobs_total"), ("job", "shop"), ("method", "GET")]);
    let post = Labels::new([("__name__", "jobs_total"), ("job", "shop"), ("method", "POST")]);
    let dotted =
        Labels::new([("__name__", "queue.length"), ("job", "shop"), ("queue.name", "a\"b\\c\nd\u{1f600}")]);
    let gone = Labels::new([("__name__", "gone"), ("job", "shop")]);
    for step in 0..=30 {
        let time = (NOW - 300 + step * 10 - 1) * 1_000;
        let value = (step * 10) as f64;
        store.append(&get, time, value).unwrap();
        store.append(&post, time, 2.0 * value).unwrap();
        store.append(&dotted, time, 7.0).unwrap();
        if step < 18 {
            store.append(&gone, time, 1.0).unwrap();
        } else if step == 18 {
            store.append(&gone, time, STALE).unwrap();
        }
    }
    let special = |name: &str, value| {
        store.append(&Labels::new([("__name__", name)]), (NOW - 1) * 1_000, value).unwrap();
    };
    special("infinite", f64::INFINITY);
    special("nothing", f64::NAN);
    special("tiny", 2.5e-7);
    Arc::new(store)
}

/// Registers with a counter, a gauge, and a histogram with an exemplar.
pub(crate) fn registers() -> Registers {
    let registers =
        Registers::builder().clock(Clock::fake().0).exemplars_for("wait_seconds").build().unwrap();
    with_local_recorder(&registers, || {
        describe_counter!("jobs_total", "Jobs done.");
        describe_histogram!("wait_seconds", Unit::Seconds, "Time in the queue.");
        counter!("jobs_total", "method" => "GET").increment(300);
        gauge!("undescribed").set(1.0);
        let wait = histogram!("wait_seconds", "queue" => "mail");
        exemplar::with(TraceId::from_bytes([0xab; 16]), || wait.record(0.3));
        wait.record(0.3);
    });
    registers
}

/// The engine over [`store`], at the present of the tests.
pub(crate) fn engine() -> QueryEngine {
    QueryEngine::new(store()).with_clock(Clock::fake().0)
}

/// The query API over all that.
pub(crate) fn api() -> Router {
    QueryApi::new(engine(), registers()).with_target(Labels::new([("job", "shop")])).router()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Said {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The data of an answer without warnings.
    pub(crate) fn data(&self) -> Value {
        let mut answer = self.json();
        assert_eq!((self.status, &answer["status"]), (StatusCode::OK, &Value::from("success")), "{self:?}");
        assert_eq!((&answer["warnings"], &answer["infos"]), (&Value::Null, &Value::Null), "{self:?}");
        answer["data"].take()
    }

    /// The type and the text of an error.
    pub(crate) fn error(&self) -> (String, String) {
        let answer = self.json();
        assert_eq!((&answer["status"], &answer["data"]), (&Value::from("error"), &Value::Null), "{self:?}");
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        (text("errorType"), text("error"))
    }
}

/// Sends a request to a router.
pub(crate) async fn send(router: Router, request: Request<Body>) -> Said {
    let (head, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Said { status: head.status, headers: head.headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

/// Asks the filled API with GET, below `/api/v1/`.
pub(crate) async fn get(path: &str) -> Said {
    send(api(), Request::get(format!("/api/v1/{path}")).body(Body::empty()).unwrap()).await
}

/// Asks the filled API with a form.
pub(crate) async fn post(path: &str, form: &str) -> Said {
    let request = Request::post(format!("/api/v1/{path}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8");
    send(api(), request.body(Body::from(form.to_owned())).unwrap()).await
}
