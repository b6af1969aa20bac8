//! Making registers the recorder of the whole process.

use std::sync::{Mutex, PoisonError};

use crate::registers::error::InstallError;
use crate::registers::recorder::Registers;

/// Which registers are the process's recorder. The facade says only that there is one, not whose; it keeps what
/// is installed for ever, so the identity cannot be given to another.
static INSTALLED: Mutex<Option<usize>> = Mutex::new(None);

impl Registers {
    /// Makes these registers the global recorder of the [`metrics`] facade, for the rest of the process.
    ///
    /// Installing the same registers (or a clone of them) again is no error and does nothing.
    ///
    /// # Errors
    ///
    /// When there is a global recorder already: [`InstallError::OursAlready`] when it is another `Registers`,
    /// [`InstallError::Foreign`] when it is something else.
    #[expect(clippy::disallowed_methods, reason = "this is the one place where ours is installed")]
    pub fn install_global(&self) -> Result<(), InstallError> {
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        match *installed {
            Some(identity) if identity == self.identity() => return Ok(()),
            Some(_) => return Err(InstallError::OursAlready),
            None => {}
        }
        metrics::set_global_recorder(self.clone()).map_err(|_| InstallError::Foreign)?;
        *installed = Some(self.identity());
        Ok(())
    }
}
