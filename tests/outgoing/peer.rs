//! A peer that answers each connection with given bytes, and remembers what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower_watch::outgoing::{Answer, HttpClient, HttpClientError};

/// Far more than anything here needs.
pub(crate) const LONG: Duration = Duration::from_secs(30);

pub(crate) struct Peer {
    pub(crate) addr: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

/// What the peer does after its bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    Close,
    Hang,
    /// Waits for the next request on the same connection.
    Again,
}

impl Peer {
    pub(crate) async fn start(bytes: impl Into<Vec<u8>>, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let (seen, counted, bytes) = (Arc::clone(&heads), Arc::clone(&connections), Arc::new(bytes.into()));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                *counted.lock().unwrap() += 1;
                let (seen, bytes) = (Arc::clone(&seen), Arc::clone(&bytes));
                tokio::spawn(async move {
                    while let Some(head) = read_head(&mut stream).await {
                        seen.lock().unwrap().push(head);
                        let _ = stream.write_all(&bytes).await;
                        match then {
                            Then::Close => return,
                            Then::Hang => std::future::pending().await,
                            Then::Again => {}
                        }
                    }
                });
            }
        });
        Self { addr, heads, connections }
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    pub(crate) async fn ask(&self, client: &HttpClient) -> Result<Answer, HttpClientError> {
        get(client, &format!("http://{}/hook/s3cret?key=s3cret", self.addr)).await
    }
}

/// A request without a body, up to its empty line.
pub(crate) async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

pub(crate) async fn get(client: &HttpClient, url: &str) -> Result<Answer, HttpClientError> {
    client.send(Request::get(url).body(Bytes::new()).unwrap(), LONG).await
}

/// A client that no environment sends elsewhere.
pub(crate) fn client() -> HttpClient {
    HttpClient::builder().without_proxy().build().unwrap()
}
