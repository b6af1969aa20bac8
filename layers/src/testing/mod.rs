//! For tests of what is observed: the tools that this project's own tests use.
//!
//! [`RecordExchanges`] is an observer that keeps every exchange it saw end, and [`FakeClock`] a clock that stands
//! still until it is moved.
//!
//! ```
//! use tower_watch_layers::observe::ObserveLayer;
//! use tower_watch_layers::testing::RecordExchanges;
//!
//! let observer = RecordExchanges::new();
//! let layer = ObserveLayer::new(observer.clone());
//! // ... send requests through the layer, then:
//! assert_eq!(observer.open(), 0);
//! for exchange in observer.ended() {
//!     println!("{} {:?}", exchange.endpoint, exchange.outcome);
//! }
//! # let _ = layer;
//! ```

mod exchanges;

pub use self::exchanges::{RecordExchanges, Recorded, Recording};
pub use crate::clock::FakeClock;
