//! Where there are no signals, nothing is listened to.

/// Returns at once.
pub(crate) async fn on_hangup(_: impl FnMut()) {}
