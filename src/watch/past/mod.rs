//! The past of a watch: the thread that reads its numbers tick by tick, what can be asked about them, and the
//! collectors that bring in what nothing else records.

mod collect;
mod collector;
mod handle;
mod meters;
#[cfg(feature = "axum")]
mod routes;
mod saver;
mod settings;
mod summarizer;
mod summary;
mod ticker;
mod zone;

pub use crate::watch::past::collect::{CollectError, Collected, Schedule};
pub use crate::watch::past::collector::Collector;
pub(crate) use crate::watch::past::settings::{Past, PastSettings};
pub use crate::watch::past::summary::Summary;
