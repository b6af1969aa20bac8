//! Peers that answer wrongly, late, or not at all.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::net::TcpListener;
use tower_watch::outgoing::{HttpClient, HttpClientError};

use crate::peer::{LONG, Peer, Then, client, get};

/// The error of asking a peer that answers so; no error may tell the path, the query or a header.
async fn fault(bytes: impl Into<Vec<u8>>, then: Then) -> HttpClientError {
    let error = Peer::start(bytes, then).await.ask(&client()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    error
}

#[tokio::test]
async fn a_peer_that_hangs_is_given_up() {
    let limit = Duration::from_millis(100);
    for bytes in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
        let peer = Peer::start(bytes, Then::Hang).await;
        let request = Request::get(format!("http://{}/", peer.addr)).body(Bytes::new()).unwrap();
        assert_eq!(client().send(request, limit).await.unwrap_err(), HttpClientError::Timeout(limit));
    }
}

#[tokio::test]
async fn a_connection_that_closes_too_early_is_broken() {
    for bytes in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhe",
    ] {
        let error = fault(bytes, Then::Close).await;
        assert!(matches!(error, HttpClientError::Broken(_)), "{bytes:?}: {error:?}");
    }
}

#[tokio::test]
async fn garbage_is_no_answer() {
    for bytes in ["SSH-2.0-OpenSSH_9.2\r\n", "\0\x01\x02\x03", "HTTP/1.1 99999 No\r\n\r\n"] {
        let error = fault(bytes, Then::Close).await;
        assert!(matches!(error, HttpClientError::Broken(_)), "{bytes:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_head_without_end_is_too_long() {
    let head = format!("HTTP/1.1 200 OK\r\nx: {}", "s3cret".repeat(100_000));
    assert_eq!(fault(head, Then::Hang).await, HttpClientError::TooLong(64 * 1024));
}

#[tokio::test]
async fn a_host_that_is_not_there_is_named_as_that() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = get(&client(), &format!("http://{free}/s3cret?s3cret")).await.unwrap_err();
    assert!(matches!(error, HttpClientError::Connection(_)), "{error:?}");
    assert!(error.to_string().contains("refused") && !error.to_string().contains("s3cret"), "{error}");

    let error = get(&client(), "http://nobody.invalid/s3cret").await.unwrap_err();
    assert!(matches!(error, HttpClientError::Connection(_)), "{error:?}");
    assert!(!error.to_string().contains("s3cret"), "{error}");
}

/// A listener that accepts and says nothing, so that TLS never begins.
#[tokio::test]
async fn a_handshake_that_hangs_ends_with_the_connect_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let limit = Duration::from_millis(100);
    let client = HttpClient::builder().without_proxy().connect_timeout(limit).build().unwrap();
    let url = format!("https://{}/s3cret", listener.local_addr().unwrap());
    let request = Request::get(url).body(Bytes::new()).unwrap();
    let error = client.send(request, LONG).await.unwrap_err();
    assert_eq!(error, HttpClientError::Connection("not connected within 100ms".to_owned()));
}

#[tokio::test]
async fn what_cannot_be_asked_is_said_at_once() {
    for url in ["/path", "localhost:80", "ftp://localhost/s3cret"] {
        let error = get(&client(), url).await.unwrap_err();
        assert!(matches!(error, HttpClientError::Url(_)), "{url}: {error:?}");
    }
}
