//! From the arguments to a graceful end.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::args::Args;
use super::{Client, Result};

/// Resolves when the server is to stop: what `with_graceful_shutdown` takes.
pub(crate) type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An event stream has no end of its own, so open connections are given this long and no longer.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until ctrl-c or SIGTERM; with `--check`, until `check` has seen what it wants to see. `admin` is where the
/// admin listener is, if there is one.
pub(crate) async fn run<S, C>(
    admin: Option<SocketAddr>,
    serve: impl FnOnce(TcpListener, Stop) -> S,
    check: impl FnOnce(Client) -> C,
) -> Result
where
    S: IntoFuture<Output = io::Result<()>>,
    C: Future<Output = Result>,
{
    let no_traffic = async |_| Err("this example has no --traffic".into());
    run_with_traffic(admin, serve, check, no_traffic).await
}

/// The same, and with `--traffic` sends the application what `traffic` sends.
pub(crate) async fn run_with_traffic<S, C, T>(
    admin: Option<SocketAddr>,
    serve: impl FnOnce(TcpListener, Stop) -> S,
    check: impl FnOnce(Client) -> C,
    traffic: impl FnOnce(Client) -> T,
) -> Result
where
    S: IntoFuture<Output = io::Result<()>>,
    C: Future<Output = Result>,
    T: Future<Output = Result>,
{
    let args = Args::parse()?;
    // An example that is about logging has set up its own before.
    let _ = tracing_subscriber::fmt().with_writer(io::stderr).try_init();
    let listener = TcpListener::bind(args.addr()).await?;
    let client = Client::new(listener.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped: Stop = Box::pin(async { stopped.await.unwrap_or(()) });
    let mut server = pin!(serve(listener, stopped).into_future());
    say_ready(&client, admin);

    let drive = async {
        if args.check {
            return check(client).await;
        }
        let traffic = async {
            if args.traffic {
                traffic(client).await?;
            }
            std::future::pending().await
        };
        tokio::select! {
            ended = asked_to_stop() => ended,
            failed = traffic => failed,
        }
    };
    let outcome = tokio::select! {
        ended = &mut server => return Err(format!("the server ended by itself: {ended:?}").into()),
        outcome = drive => outcome,
    };
    drop(stop);
    match timeout(GRACE, server).await {
        Ok(ended) => ended?,
        Err(_) => tracing::warn!("connections were still open after {GRACE:?}"),
    }
    outcome
}

async fn asked_to_stop() -> Result {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the lines that whoever started the example waits for")]
fn say_ready(client: &Client, admin: Option<SocketAddr>) {
    println!("app {}", client.base());
    if let Some(admin) = admin {
        println!("admin http://{admin}");
    }
}
