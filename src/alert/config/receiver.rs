//! Who is told, and how.

use std::sync::Arc;

use crate::alert::receivers::Receiver;

/// A receiver of the configuration: a name, and the ways in which it is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReceiverConfig {
    /// What routes call it.
    pub name: String,
    /// Each is told on its own; one that fails holds up no other.
    pub integrations: Vec<Integration>,
}

/// One way in which a receiver is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Integration {
    /// One that is ready to be used: from code, or built from a file's section.
    Built(Arc<dyn Receiver>),
}
