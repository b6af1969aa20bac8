//! SIGHUP: somebody asks for files to be read again.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Calls back at each SIGHUP, from a task of a tokio runtime with I/O, for as long as it is awaited. From then on the signal
/// no longer ends the process.
///
/// # Errors
///
/// The system refuses the handler.
pub(crate) async fn on_hangup(callback: impl Fn() + Send) -> io::Result<()> {
    let mut hangups = signal(SignalKind::hangup())?;
    while hangups.recv().await.is_some() {
        callback();
    }
    Ok(())
}
