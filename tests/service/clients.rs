//! Clients: raw bytes, hyper's connections, which can be dropped at any moment, and calls in the process.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, response};
use http_body_util::BodyExt;
use hyper::client::conn::{http1, http2};
use hyper::rt::Executor;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::support::soon;

/// A connection on which bytes are written and read as they are.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        Self(TcpStream::connect(addr).await.unwrap())
    }

    /// A connection, if the server takes one.
    pub(crate) async fn try_connect(addr: SocketAddr) -> Option<Self> {
        TcpStream::connect(addr).await.ok().map(Self)
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends what the server may no longer want to read.
    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref()).await;
    }

    /// Reads until the bytes read so far contain `wanted`.
    pub(crate) async fn read_until(&mut self, wanted: &str) -> String {
        let mut read = Vec::new();
        soon(wanted, async {
            while !String::from_utf8_lossy(&read).contains(wanted) {
                let some = self.0.read_buf(&mut read).await.unwrap();
                assert_ne!(some, 0, "closed before {wanted:?}: {}", String::from_utf8_lossy(&read));
            }
        })
        .await;
        String::from_utf8_lossy(&read).into_owned()
    }

    /// Reads until the server closes; a reset counts as closing.
    pub(crate) async fn read_to_end(&mut self) -> String {
        let mut read = Vec::new();
        let _ = soon("the server closes", self.0.read_to_end(&mut read)).await;
        String::from_utf8_lossy(&read).into_owned()
    }
}

/// A request that is sent, answered whole, and closed, as text.
pub(crate) async fn exchange(addr: SocketAddr, request: impl AsRef<[u8]>) -> String {
    let mut raw = Raw::connect(addr).await;
    raw.try_send(request).await;
    raw.read_to_end().await
}

/// A connection of hyper's.
pub(crate) struct Connection<S> {
    pub(crate) sender: S,
    tasks: Tasks,
}

impl<S> Connection<S> {
    /// Closes the socket, whatever is under way.
    pub(crate) fn cut(&self) {
        self.tasks.0.lock().unwrap().abort_all();
    }
}

/// The tasks of one connection: hyper makes more than one for HTTP/2.
#[derive(Clone, Default)]
struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl<F> Executor<F> for Tasks
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, task: F) {
        self.0.lock().unwrap().spawn(async move { drop(task.await) });
    }
}

pub(crate) async fn http1(addr: SocketAddr) -> Connection<http1::SendRequest<Body>> {
    let (stream, tasks) = (TcpStream::connect(addr).await.unwrap(), Tasks::default());
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tasks.execute(connection);
    Connection { sender, tasks }
}

pub(crate) async fn http2(addr: SocketAddr) -> Connection<http2::SendRequest<Body>> {
    let (stream, tasks) = (TcpStream::connect(addr).await.unwrap(), Tasks::default());
    let (sender, connection) = http2::handshake(tasks.clone(), TokioIo::new(stream)).await.unwrap();
    tasks.execute(connection);
    Connection { sender, tasks }
}

/// A request of hyper's to the service at `addr`, without a body.
pub(crate) fn request(addr: SocketAddr, method: Method, path: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(format!("http://{addr}{path}"));
    request.header("host", addr.to_string()).body(Body::empty()).unwrap()
}

/// What a router answers in the process: the head, and the body as text.
pub(crate) async fn ask(app: &Router, request: Request<Body>) -> (response::Parts, String) {
    let (head, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head, String::from_utf8_lossy(&body).into_owned())
}

/// What a router answers to a GET of `path`.
pub(crate) async fn get(app: &Router, path: &str) -> (response::Parts, String) {
    ask(app, Request::get(path).body(Body::empty()).unwrap()).await
}
