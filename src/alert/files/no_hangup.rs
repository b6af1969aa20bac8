//! No SIGHUP: this system has none.

use std::io;

/// Never calls back.
///
/// # Errors
///
/// None.
pub(crate) async fn on_hangup(_: impl Fn() + Send) -> io::Result<()> {
    Ok(())
}
