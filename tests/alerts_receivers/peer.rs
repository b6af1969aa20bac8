//! An HTTP server that answers each request with given bytes, and remembers what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the peer does with a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Writes these bytes, and closes.
    Bytes(Vec<u8>),
    /// Says nothing, for ever.
    Hang,
    /// Closes, before it reads anything.
    Close,
}

impl Answer {
    /// A status, more of the head, a body.
    pub(crate) fn http(status: &str, head: &str, body: &str) -> Self {
        let length = body.len();
        let text =
            format!("HTTP/1.1 {status}\r\n{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
        Self::Bytes(text.into_bytes())
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Lower case, but for the first line.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

pub(crate) struct Peer {
    pub(crate) addr: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Peer {
    pub(crate) async fn start(answer: Answer) -> Self {
        Self::in_turn(Vec::new(), answer).await
    }

    /// Answers its first connections with these, one each, and all others with `then`.
    pub(crate) async fn in_turn(first: Vec<Answer>, then: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut first = first.into_iter();
            while let Ok((stream, _)) = listener.accept().await {
                let answer = first.next().unwrap_or_else(|| then.clone());
                tokio::spawn(serve(stream, answer, Arc::clone(&seen)));
            }
        });
        Self { addr, asked }
    }

    pub(crate) async fn ok() -> Self {
        Self::start(Answer::http("200 OK", "", "ok")).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The only request.
    pub(crate) fn only(&self) -> Asked {
        let asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].clone()
    }
}

async fn serve(mut stream: TcpStream, answer: Answer, seen: Arc<Mutex<Vec<Asked>>>) {
    if matches!(answer, Answer::Close) {
        return;
    }
    let Some(asked) = read(&mut stream).await else { return };
    seen.lock().unwrap().push(asked);
    match answer {
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Answer::Hang => std::future::pending().await,
        Answer::Close => {}
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let (first, rest) = head.split_once("\r\n").unwrap();
    let lower = |line: &str| match line.split_once(':') {
        Some((name, value)) => format!("{}:{value}", name.to_ascii_lowercase()),
        None => line.to_owned(),
    };
    let lines: Vec<_> = std::iter::once(first.to_owned()).chain(rest.lines().map(lower)).collect();
    let mut asked = Asked { head: lines.join("\n"), body: Vec::new() };
    let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    asked.body.resize(length, 0);
    stream.read_exact(&mut asked.body).await.ok()?;
    Some(asked)
}
