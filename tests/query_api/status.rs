//! `status/*`, and paths that are not there.

use axum::http::{StatusCode, header};
use serde_json::Value;

use crate::filled::{get, post};

/// Grafana takes a data source whose build has `features` for another product.
#[tokio::test]
async fn a_build_has_a_version_and_no_features() {
    let data = get("status/buildinfo").await.data();
    let mut names: Vec<&String> = data.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["branch", "buildDate", "buildUser", "goVersion", "revision", "version"]);
    assert!(data["version"].as_str().unwrap().starts_with("3."), "{data}");
    assert!(data["revision"].as_str().unwrap().starts_with("tower-watch "), "{data}");
}

#[tokio::test]
async fn a_run_has_a_start_and_hides_the_machine() {
    let data = get("status/runtimeinfo").await.data();
    assert_eq!(data["startTime"], "2026-01-01T00:00:00Z");
    assert_eq!(data["reloadConfigSuccess"], true);
    assert!(data["GOMAXPROCS"].as_u64().unwrap() > 0);
    assert_eq!((&data["CWD"], &data["hostname"]), (&Value::from(""), &Value::from("")));
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_envelope() {
    for path in ["", "nothing", "query/more", "targets", "label/values"] {
        let said = get(path).await;
        assert_eq!((said.status, said.error().0), (StatusCode::NOT_FOUND, "not_found".into()), "{path}");
    }
    let said = post("metadata", "").await;
    assert_eq!(said.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(said.headers[header::ALLOW], "GET,HEAD");
    said.error();
}
