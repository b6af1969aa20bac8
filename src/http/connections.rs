//! The connections of the admin listener, each with an end to everything it may keep.
//!
//! A client that says nothing, says it slowly, or does not read its answer holds one place of a few, and not for
//! long.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::time::{sleep, timeout};

/// How many connections there are at a time. More wait to be accepted.
const CONNECTIONS: u32 = 64;

/// How long a client may take over the head of a request, and over the pause before it. Longer than the interval of
/// most scrapers, so that they keep their connection.
const HEAD: Duration = Duration::from_secs(20);

/// How long a connection is kept. Then it is closed behind the answer that is under way.
const LIFE: Duration = Duration::from_secs(120);

/// How long that answer may take.
const LAST_ANSWER: Duration = Duration::from_secs(30);

/// The same when the listener stops.
const STOP: Duration = Duration::from_secs(5);

/// How long nothing is accepted after the system refused to.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until told to stop, or until nobody is left who could tell.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut stop: oneshot::Receiver<()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
    let (stopping, told) = watch::channel(());
    loop {
        tokio::select! {
            _ = &mut stop => break,
            connection = accept(&listener, &places) => {
                tokio::spawn(answer(connection, router.clone(), told.clone()));
            }
        }
    }
    drop(listener);
    drop(stopping);
    // All places are free when all connections are closed.
    let _ = timeout(STOP, places.acquire_many(CONNECTIONS)).await;
}

struct Connection {
    stream: TcpStream,
    _place: Option<OwnedSemaphorePermit>,
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Connection {
    // The semaphore is never closed.
    let _place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Connection { stream, _place },
            Err(error) => {
                tracing::debug!(%error, "the admin listener could not accept a connection");
                // Without file descriptors it fails at once, again and again.
                sleep(PAUSE).await;
            }
        }
    }
}

async fn answer(connection: Connection, router: Router, mut told: watch::Receiver<()>) {
    let Connection { stream, _place } = connection;
    // An answer is written whole; there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut serving = pin!(serving);
    tokio::select! {
        _ = serving.as_mut() => return,
        _ = told.changed() => {}
        () = sleep(LIFE) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = timeout(LAST_ANSWER, serving).await;
}
