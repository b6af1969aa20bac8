//! For tests of an observed service: the tools that this project's own tests use.
//!
//! ```
//! use tower_watch::Watch;
//!
//! # fn main() -> Result<(), tower_watch::StartError> {
//! // Local: tests in one process do not count into each other's numbers.
//! let watch = Watch::builder("orders").local().start()?;
//! // ... send requests through `watch.layer()`, then:
//! let numbers = watch.snapshot();
//! assert_eq!(numbers.counter("http_requests_total", &[("status", "200")]), 0);
//! # Ok(())
//! # }
//! ```

pub use tower_watch_layers::clock::Clock;
pub use tower_watch_layers::testing::{FakeClock, RecordExchanges, Recorded, Recording};

pub use crate::registers::{HistogramSnapshot, Series, SeriesValue, Snapshot};
