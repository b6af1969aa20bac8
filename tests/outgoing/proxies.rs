//! Through a proxy.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tower_watch::outgoing::{HttpClient, HttpClientError};

use crate::peer::{Peer, Then, get, read_head};

/// A proxy that opens the tunnels that it is asked for.
pub(crate) struct Tunnels {
    pub(crate) addr: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Tunnels {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    let head = read_head(&mut near).await.unwrap();
                    let target = head.split(' ').nth(1).unwrap().to_owned();
                    seen.lock().unwrap().push(head);
                    let mut far = TcpStream::connect(target).await.unwrap();
                    near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                    tokio::io::copy_bidirectional(&mut near, &mut far).await
                });
            }
        });
        Self { addr, heads }
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_plain_request_is_handed_to_the_proxy() {
    let proxy = Peer::start("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", Then::Close).await;
    let client = HttpClient::builder().proxy(format!("http://user:word@{}", proxy.addr)).build().unwrap();
    let answer = get(&client, "http://collector.invalid:4318/v1/traces").await.unwrap();
    assert_eq!(answer.body, "ok");
    let head = proxy.heads().remove(0);
    assert!(head.starts_with("GET http://collector.invalid:4318/v1/traces HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nproxy-authorization: Basic dXNlcjp3b3Jk\r\n"), "{head}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_no_connection() {
    let proxy = Peer::start("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", Then::Close).await;
    let client = HttpClient::builder().proxy(format!("http://user:s3cret@{}", proxy.addr)).build().unwrap();
    let error = get(&client, "https://collector.invalid/s3cret").await.unwrap_err();
    assert!(matches!(error, HttpClientError::Connection(_)), "{error:?}");
    assert!(!error.to_string().contains("s3cret"), "{error}");
}

#[test]
fn a_proxy_that_cannot_be_asked_is_refused_at_the_start() {
    for url in
        ["", "http://", "https://u:s3cret@proxy", "socks5://u:s3cret@proxy", "ftp://s3cret", "http://s3 cret"]
    {
        let error = HttpClient::builder().proxy(url).build().unwrap_err();
        assert_eq!(error.place(), "proxy", "{url}");
        assert!(error.message().contains("http://proxy.example.com:3128"), "{error}");
        assert!(!error.to_string().contains("s3"), "{error}");
    }
}
