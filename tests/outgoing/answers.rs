//! What comes back.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, Method, Request, StatusCode};
use tokio::net::TcpListener;
use tower_watch::outgoing::HttpClient;

use crate::peer::{LONG, Peer, Then, client};

#[tokio::test]
async fn a_request_arrives_whole_and_its_answer_comes_back() {
    let app = axum::Router::new().fallback(
        async |method: Method, uri: http::Uri, headers: HeaderMap, body: Bytes| {
            assert_eq!(method, Method::POST);
            assert_eq!(uri, "/hook?a=1");
            assert!(headers[HOST].to_str().unwrap().starts_with("127.0.0.1:"));
            assert_eq!(headers[USER_AGENT], concat!("tower-watch/", env!("CARGO_PKG_VERSION")));
            assert_eq!(headers[CONTENT_TYPE], "text/plain");
            (StatusCode::ACCEPTED, [("x-answer", "yes")], body)
        },
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?a=1", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    let request = Request::post(url).header(CONTENT_TYPE, "text/plain").body(Bytes::from("hello")).unwrap();
    let answer = client().send(request, LONG).await.unwrap();
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.headers["x-answer"], "yes");
    assert_eq!(answer.body, "hello");
    assert!(!answer.is_cut);
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let elsewhere = Peer::start("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Then::Close).await;
    let redirect =
        format!("HTTP/1.1 302 Found\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n", elsewhere.addr);
    let peer = Peer::start(redirect, Then::Close).await;
    assert_eq!(peer.ask(&client()).await.unwrap().status, StatusCode::FOUND);
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn an_answer_is_read_as_far_as_was_asked_for() {
    let long = format!("HTTP/1.1 500 Oh\r\ncontent-length: 1000000\r\n\r\n{}", "x".repeat(200_000));
    // It hangs after a part: whoever read on would wait.
    let peer = Peer::start(long, Then::Hang).await;
    let answer = peer.ask(&client()).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body.len(), answer.is_cut), (500, 64 * 1024, true));

    let few = HttpClient::builder().without_proxy().answer_limit(10).build().unwrap();
    let answer = peer.ask(&few).await.unwrap();
    assert_eq!((&answer.body[..], answer.is_cut), (&b"xxxxxxxxxx"[..], true));

    let exact = Peer::start("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789", Then::Close).await;
    let answer = exact.ask(&few).await.unwrap();
    assert_eq!((&answer.body[..], answer.is_cut), (&b"0123456789"[..], false));
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let peer = Peer::start("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", Then::Again).await;
    let client = client();
    for _ in 0..3 {
        assert_eq!(peer.ask(&client).await.unwrap().body, "ok");
        // The connection comes back to the pool in a task of its own.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!((peer.heads().len(), peer.connections()), (3, 1));
}

#[tokio::test]
async fn nothing_that_is_shown_shows_a_secret() {
    let peer =
        Peer::start("HTTP/1.1 200 OK\r\nset-cookie: s3cret\r\ncontent-length: 6\r\n\r\ns3cret", Then::Close);
    let client = HttpClient::builder().proxy("http://user:s3cret@127.0.0.1:1");
    assert!(!format!("{client:?} {:?}", client.clone().build().unwrap()).contains("s3cret"));
    let answer = peer.await.ask(&crate::peer::client()).await.unwrap();
    assert_eq!(answer.body, "s3cret");
    assert!(!format!("{answer:?}").contains("s3cret"));
}
