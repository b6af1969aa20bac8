//! The admin listener.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use tower_watch::http::{AccessToken, Admin, AdminError, AdminRoutes, AdminServer, QueryApi};

use crate::filled::{engine, registers};

fn free() -> Admin {
    Admin::new().with_address(([127, 0, 0, 1], 0))
}

fn routes() -> Router {
    let api = QueryApi::new(engine(), registers());
    AdminRoutes::new("orders", &registers()).with_query_api(api).into_router()
}

/// Asks over a connection of its own; says the head and the body.
fn ask(address: SocketAddr, path: &str, headers: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let host = if headers.contains("host:") { "" } else { "host: localhost\r\n" };
    write!(connection, "GET {path} HTTP/1.1\r\n{host}{headers}connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

fn status(address: SocketAddr, path: &str, headers: &str) -> u16 {
    ask(address, path, headers)[9..12].parse().unwrap()
}

#[test]
fn it_serves_without_a_runtime_of_ours() {
    let server = free().bind(routes()).unwrap();
    let address = server.address();
    let index = ask(address, "/", "");
    for part in ["text/plain", "orders", "/metrics ", "/health/liveness ", "/api/v1/ "] {
        assert!(index.contains(part), "{part}: {index}");
    }
    assert!(ask(address, "/metrics", "").contains("jobs_total{method=\"GET\"} 300"));
    assert!(ask(address, "/health/liveness", "").contains(r#"{"status":"alive"}"#));
    assert!(ask(address, "/api/v1/query?query=1&time=4", "").contains(r#"[4,"1"]"#));
    assert_eq!(status(address, "/nothing", ""), 404);
    assert_eq!(status(address, "/metrics", "host: evil.example\r\n"), 403);
}

/// What blocks the application's executor blocks nothing here.
#[tokio::test(flavor = "current_thread")]
async fn it_answers_while_the_executor_is_stuck() {
    let server = free().bind(routes()).unwrap();
    assert_eq!(status(server.address(), "/api/v1/query?query=1", ""), 200);
    server.stop().await;
}

#[test]
fn it_asks_for_its_token() {
    let token = AccessToken::new("secret").unwrap();
    for admin in [free(), Admin::new().with_address(([0, 0, 0, 0], 0))] {
        let server = admin.with_token(token.clone()).bind(routes()).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], server.address().port()));
        for path in ["/", "/api/v1/query?query=1", "/nothing"] {
            assert_eq!(status(address, path, ""), 401, "{path}");
        }
        for path in ["/metrics", "/health/liveness"] {
            assert_eq!(status(address, path, ""), 200, "{path}");
        }
        assert_eq!(status(address, "/api/v1/query?query=1", "authorization: Bearer secret\r\n"), 200);
    }
}

#[test]
fn it_does_not_listen_to_everybody_without_a_token() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:9901", "[::ffff:192.0.2.1]:9901"] {
        let address: SocketAddr = address.parse().unwrap();
        let admin = Admin::new().with_address(address);
        assert!(admin.check().is_err());
        let error = admin.bind(Router::new()).unwrap_err();
        assert!(matches!(error, AdminError::NeedsToken { address: named } if named == address), "{error}");
        assert!(error.to_string().contains("Admin::with_token"), "{error}");
    }
    assert!(Admin::new().with_address("[::1]:0".parse::<SocketAddr>().unwrap()).check().is_ok());
}

#[test]
fn a_port_that_is_taken_shows_at_the_start() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = Admin::new().with_address(address).bind(Router::new()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(&address.to_string()) && text.contains("choose another port"), "{text}");
    assert!(std::error::Error::source(&error).is_some());
    let error = Admin::new()
        .with_address(([192, 0, 2, 1], 9901))
        .with_token(AccessToken::new("secret").unwrap())
        .bind(Router::new())
        .unwrap_err();
    assert!(error.to_string().contains("an address of this machine"), "{error}");
}

/// Under way when it is told to stop, answered before it has stopped; then nobody listens.
#[tokio::test]
async fn it_stops_gracefully() {
    let (reached, reaching) = std::sync::mpsc::channel();
    let (release, released) = tokio::sync::watch::channel(false);
    let slow = get(async move || {
        reached.send(()).unwrap();
        let mut released = released.clone();
        released.wait_for(|released| *released).await.unwrap();
        "done"
    });
    let server = free().bind(Router::new().route("/slow", slow)).unwrap();
    let address = server.address();
    let idle = TcpStream::connect(address).unwrap();
    let asked = std::thread::spawn(move || ask(address, "/slow", ""));
    reaching.recv_timeout(Duration::from_secs(60)).unwrap();
    let stopped = tokio::spawn(server.stop());
    tokio::time::sleep(Duration::from_millis(50)).await;
    release.send(true).unwrap();
    let started = Instant::now();
    stopped.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(4), "it waited for the idle connection");
    assert!(asked.join().unwrap().ends_with("done"));
    assert!(TcpStream::connect(address).is_err());
    drop(idle);
}

#[test]
fn dropping_it_frees_the_port() {
    let server: AdminServer = free().bind(routes()).unwrap();
    let address = server.address();
    drop(server);
    let started = Instant::now();
    while Admin::new().with_address(address).bind(Router::new()).is_err() {
        assert!(started.elapsed() < Duration::from_secs(60), "never: the port is free");
        std::thread::yield_now();
    }
}

/// A client that keeps half a request does not keep its place.
#[test]
#[ignore = "takes 20 s: .ci/run runs it"]
fn a_slow_head_is_cut_off() {
    let server = free().bind(routes()).unwrap();
    let mut connections: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut connection = TcpStream::connect(server.address()).unwrap();
            connection.write_all(b"GET / HTTP/1.1\r\nhost: local").unwrap();
            connection
        })
        .collect();
    // All places are taken; it is answered as soon as they are free again, which is in 20 s.
    assert_eq!(status(server.address(), "/health/liveness", ""), 200);
    for connection in &mut connections {
        connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        // Closed, with or without an answer.
        let _ = connection.read_to_end(&mut Vec::new());
        assert!(
            connection.write_all(b"x").and_then(|()| connection.write_all(b"x")).is_err()
                || connection.read(&mut [0]).is_ok_and(|read| read == 0)
        );
    }
}
