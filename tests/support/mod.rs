//! What the tests over real sockets share: a service to talk to, a body that a test feeds, and waiting.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use hyper::body::Frame;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// How long something that must happen may take. Far more than it needs, so that a slow machine fails nothing.
const DEADLINE: Duration = Duration::from_secs(60);

/// Waits until `holds`, and fails when it never does.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    until_async(what, async || holds()).await;
}

/// The same, where looking takes a wait of its own.
pub(crate) async fn until_async(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    soon(what, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// The output of a future that must be ready before the deadline.
pub(crate) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    tokio::time::timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("never: {what}"))
}

/// A service on a free port of the loopback, over HTTP/1.1 and cleartext HTTP/2. Connections outlive it.
pub(crate) struct Service {
    pub(crate) addr: SocketAddr,
    shut_down: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl Service {
    pub(crate) async fn start(app: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (shut_down, told) = oneshot::channel();
        let server = tokio::spawn(async move {
            let service = app.into_make_service_with_connect_info::<SocketAddr>();
            let told = async { drop(told.await) };
            axum::serve(listener, service).with_graceful_shutdown(told).await.unwrap();
        });
        Self { addr, shut_down: Some(shut_down), server }
    }

    /// Tells the server to finish what is under way and take nothing more.
    pub(crate) fn shut_down(&mut self) {
        drop(self.shut_down.take());
    }

    /// Waits until the server has finished.
    pub(crate) async fn finished(&mut self) {
        soon("the server finishes", &mut self.server).await.unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A response body of unknown length, and the hand that feeds it. Dropping the hand ends the body.
pub(crate) fn fed() -> (Feeder, Body) {
    let (hand, frames) = mpsc::unbounded_channel();
    (Feeder(hand), Body::new(Fed(frames)))
}

type FrameOrError = Result<Frame<Bytes>, io::Error>;

/// Feeds a response body. What nobody wants any more is dropped.
pub(crate) struct Feeder(mpsc::UnboundedSender<FrameOrError>);

impl Feeder {
    pub(crate) fn data(&self, data: impl Into<Bytes>) {
        let _ = self.0.send(Ok(Frame::data(data.into())));
    }

    pub(crate) fn trailers(&self, trailers: HeaderMap) {
        let _ = self.0.send(Ok(Frame::trailers(trailers)));
    }

    pub(crate) fn fail(&self) {
        let _ = self.0.send(Err(io::Error::other("the disk is gone")));
    }
}

struct Fed(mpsc::UnboundedReceiver<FrameOrError>);

impl HttpBody for Fed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameOrError>> {
        self.0.poll_recv(cx)
    }
}
