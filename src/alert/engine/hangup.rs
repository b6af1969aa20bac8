//! SIGHUP: the sign of old that a process reads its files again.

use tokio::signal::unix::{SignalKind, signal};

/// Calls this at each SIGHUP, for as long as it is awaited. From the first call on the signal ends the process no more.
pub(crate) async fn on_hangup(mut then: impl FnMut()) {
    match signal(SignalKind::hangup()) {
        Ok(mut hangups) => {
            while hangups.recv().await.is_some() {
                then();
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGHUP cannot be listened to: files are read again when they change, or over the API");
        }
    }
}
