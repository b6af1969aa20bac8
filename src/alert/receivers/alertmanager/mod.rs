//! Another Alertmanager, as Prometheus speaks to it.

mod push;
mod replica;

pub use crate::alert::receivers::alertmanager::push::AlertmanagerPush;
pub use crate::alert::receivers::alertmanager::replica::AlertmanagerReplica;
