//! The admin side of a watch: its listener's life, and its routes nested into the application.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use tower_watch::http::{AccessToken, Admin};
use tower_watch::{Endpoints, RouterExt, Watch};

use crate::clients::{ask, get as ask_for};
use crate::support::until;

fn token() -> AccessToken {
    AccessToken::new("secret").unwrap()
}

fn free() -> Admin {
    Admin::new().with_address(([127, 0, 0, 1], 0))
}

fn answers(address: SocketAddr) -> bool {
    let Ok(mut connection) = TcpStream::connect(address) else { return false };
    let asked = write!(connection, "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let mut answer = String::new();
    asked.and_then(|()| connection.read_to_string(&mut answer)).is_ok() && answer.starts_with("HTTP/1.1 200")
}

async fn with_token(app: &Router, path: &str) -> StatusCode {
    let request = Request::get(path).header("authorization", "Bearer secret").body(Body::empty()).unwrap();
    ask(app, request).await.0.status
}

#[tokio::test]
async fn what_is_nested_is_behind_the_token_and_no_traffic() {
    for path in ["/watch", "/watch/", "/internal/watch"] {
        let watch = Watch::builder("shop").local().nest_admin(path, token()).start().unwrap();
        let app = Router::new().route("/", get(async || "hello")).watched(&watch);
        let base = path.trim_end_matches('/');
        for open in ["/metrics", "/health/liveness"] {
            assert_eq!(
                ask_for(&app, &format!("{base}{open}")).await.0.status,
                StatusCode::OK,
                "{base}{open}"
            );
        }
        for closed in ["/", "/api/v1/query?query=1", "/api/v1/", "/nothing", "/metrics/", "/%6detrics"] {
            let path = format!("{base}{closed}");
            assert_eq!(ask_for(&app, &path).await.0.status, StatusCode::UNAUTHORIZED, "{path}");
        }
        assert_eq!(with_token(&app, &format!("{base}/api/v1/query?query=1")).await, StatusCode::OK);
        assert_eq!(with_token(&app, &format!("{base}/")).await, StatusCode::OK);
        let (_, text) = ask_for(&app, "/metrics").await;
        assert!(!text.contains("http_requests_total"), "{text}");
    }
}

#[test]
fn a_path_that_cannot_be_nested_at_is_refused_at_the_start() {
    for (path, said) in [
        ("/", "the root is the application's"),
        ("//", "the root is the application's"),
        ("/metrics", "another route of the watch is there"),
        ("/health/liveness/", "another route of the watch is there"),
        ("watch", "a path starts with \"/\""),
        ("/{watch}", "has no parameter"),
        ("", "a path starts with \"/\""),
    ] {
        let error = Watch::builder("shop").local().nest_admin(path, token()).start().unwrap_err().to_string();
        assert!(error.contains("nest_admin") && error.contains(said), "{path}: {error}");
    }
    let moved = Endpoints::new().metrics("/numbers").without_liveness();
    let watch =
        Watch::builder("shop").local().endpoints(moved).nest_admin("/metrics", token()).start().unwrap();
    let _: Router = watch.router();
}

#[tokio::test]
async fn the_listener_ends_with_the_watch() {
    let watch = Watch::builder("shop").local().admin(free()).start().unwrap();
    let address = watch.admin_address().unwrap();
    assert!(answers(address));
    let layer = watch.layer();
    drop(watch);
    drop(layer);
    until("the listener to end", || !answers(address)).await;
    let watch = Watch::builder("shop").local().admin(free()).start().unwrap();
    let address = watch.admin_address().unwrap();
    watch.shutdown().await;
    assert!(!answers(address));
    watch.shutdown().await;
}

#[test]
fn two_watches_cannot_have_one_port() {
    let watch = Watch::builder("one").local().admin(free()).start().unwrap();
    let address = watch.admin_address().unwrap();
    let second = Watch::builder("two").local().admin(Admin::new().with_address(address)).start();
    let error = second.unwrap_err().to_string();
    assert!(error.contains(&address.to_string()) && error.contains("choose another port"), "{error}");
}
