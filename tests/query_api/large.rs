//! Requests and answers that would take the memory of the process.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_watch::http::QueryApi;
use tower_watch::layers::clock::Clock;
use tower_watch::promql::QueryEngine;
use tower_watch::series::{Labels, Store};

use crate::filled::{NOW, get, registers, send};

/// 400 series; each point of one has some 30 bytes in an answer.
fn wide() -> Router {
    let store = Store::new();
    for index in 0..400 {
        let labels = Labels::new([("__name__", "load"), ("instance", &*index.to_string())]);
        store.append(&labels, NOW * 1_000, 0.1 + 0.2).unwrap();
    }
    QueryApi::new(QueryEngine::new(Arc::new(store)).with_clock(Clock::fake().0), registers()).router()
}

fn asked(query: &str, points: i64) -> Request<Body> {
    let start = NOW - 1;
    let (end, step) = (start + points / 10, "0.1");
    let path = format!("/api/v1/query_range?query={query}&start={start}&end={end}&step={step}");
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn an_answer_has_a_length() {
    let said = send(wide(), asked("last_over_time(load[1h])", 10_000)).await;
    let (kind, text) = said.error();
    assert_eq!((said.status, kind.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "execution"));
    assert!(text.contains("67108864 bytes") && text.contains("larger step"), "{text}");
}

#[tokio::test]
async fn answers_that_nobody_reads_are_bounded_together() {
    let api = wide();
    let ask = || async { api.clone().oneshot(asked("last_over_time(load[1h])", 3_000)).await.unwrap() };
    let mut unread = Vec::new();
    let refused = loop {
        let answer = ask().await;
        if answer.status() != StatusCode::OK {
            break answer;
        }
        unread.push(answer);
        assert!(unread.len() < 10, "ten answers are kept");
    };
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    let text = String::from_utf8(refused.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
    assert!(text.contains(r#""errorType":"unavailable""#) && text.contains("67108864"), "{text}");
    // Read or given up, it leaves its place.
    unread.pop().unwrap().into_body().collect().await.unwrap();
    assert_eq!(ask().await.status(), StatusCode::OK);
    drop(unread.pop());
    assert_eq!(ask().await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_lookup_has_few_selectors_and_expressions() {
    for path in ["series", "labels", "label/job/values"] {
        assert_eq!(get(&format!("{path}?{}", "match[]=up&".repeat(100))).await.status, StatusCode::OK);
        let said = get(&format!("{path}?{}", "match[]=up&".repeat(101))).await;
        assert_eq!(said.error().1, r#"invalid parameter "match[]": there are more than 100 of them"#);
        let pair = "match[]=up%7Ba=~%22x%22,b=~%22y%22%7D&";
        assert_eq!(get(&format!("{path}?{}", pair.repeat(50))).await.status, StatusCode::OK);
        let (_, text) = get(&format!("{path}?{}", pair.repeat(51))).await.error();
        assert!(text.contains("more than 100 regular expressions"), "{text}");
    }
}
