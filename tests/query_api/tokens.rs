//! Access tokens: where they come from, and what they say of themselves.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use tower_watch::http::{Access, AccessToken};

use crate::filled::send;

async fn opens(token: &AccessToken, presented: &str) -> bool {
    let router = Access::token(token.clone()).guard(Router::new().route("/", get(async || "in")));
    let request = Request::get("/").header(header::AUTHORIZATION, format!("Bearer {presented}"));
    let said = send(router, request.body(Body::empty()).unwrap()).await;
    assert!([StatusCode::OK, StatusCode::UNAUTHORIZED].contains(&said.status), "{said:?}");
    said.status == StatusCode::OK
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()))
}

#[tokio::test]
async fn space_around_a_token_is_no_part_of_it() {
    let token = AccessToken::new(" secret\r\n").unwrap();
    assert!(opens(&token, "secret").await);
    assert!(!opens(&token, "secre").await);
    assert!(!opens(&token, "secret2").await);
    assert!(!opens(&token, "").await);
}

#[test]
fn a_token_that_no_header_can_carry_is_refused() {
    for text in ["", " \n\t"] {
        let error = AccessToken::new(text).unwrap_err().to_string();
        assert_eq!(error, "no access token from the code: it is empty; make one with `openssl rand -hex 32`");
    }
    for text in ["a\nb", "a\u{0}b", "schlüssel"] {
        let error = AccessToken::new(text).unwrap_err().to_string();
        assert!(error.contains("not printable ASCII") && !error.contains(text), "{error}");
    }
    let path = file("empty-token");
    fs::write(&path, "\n").unwrap();
    let error = AccessToken::from_file(&path).unwrap_err().to_string();
    fs::remove_file(&path).unwrap();
    assert!(error.contains("empty-token") && error.contains("it is empty"), "{error}");
    let error = AccessToken::from_file(&path).unwrap_err().to_string();
    assert!(error.contains("empty-token") && error.contains("No such file"), "{error}");
}

#[tokio::test]
async fn the_environment_can_hold_one() {
    // Cargo sets it for every test.
    let token = AccessToken::from_environment("CARGO_PKG_NAME").unwrap();
    assert!(opens(&token, "tower-watch").await);
    let error = AccessToken::from_environment("TOWER_WATCH_NOBODY_SETS_THIS").unwrap_err().to_string();
    assert_eq!(
        error,
        "no access token from the environment variable TOWER_WATCH_NOBODY_SETS_THIS: it is not set"
    );
}

#[test]
fn a_token_is_never_shown() {
    let shown = format!("{:?}", AccessToken::new("hunter2").unwrap());
    assert_eq!(shown, r#"AccessToken { from: "the code", .. }"#);
    let path = file("shown-token");
    fs::write(&path, "hunter2").unwrap();
    let token = AccessToken::from_file(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let access = Access::token(token);
    assert!(!format!("{access:?}").contains("hunter2") && format!("{access:?}").contains("shown-token"));
}

#[tokio::test]
async fn a_token_in_a_file_can_be_changed() {
    let path = file("rotated-token");
    let write = |text: &str, age: u64| {
        fs::write(&path, text).unwrap();
        let written = fs::File::options().write(true).open(&path).unwrap();
        written.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - age)).unwrap();
    };
    write("first\n", 30);
    let token = AccessToken::from_file(&path).unwrap();
    assert!(opens(&token, "first").await);
    write("other\n", 20);
    assert!(opens(&token, "other").await && !opens(&token, "first").await);
    // While there is nothing to be read, the last one stays: else a slip would open or close the door.
    for broken in ["", "\n", "a\nb"] {
        write(broken, 10);
        assert!(opens(&token, "other").await && !opens(&token, "").await, "{broken:?}");
    }
    fs::remove_file(&path).unwrap();
    assert!(opens(&token, "other").await);
    write("third", 0);
    assert!(opens(&token, "third").await && !opens(&token, "other").await);
    fs::remove_file(&path).unwrap();
}
