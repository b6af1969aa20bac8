//! The series store: the recent past of every metric, in the process.
//!
//! A tick ([`Sampler`]) reads all registers and appends their values to a [`Store`]; PromQL ([`crate::promql`]) reads
//! them. What lives here knows series, samples and time, and nothing of expressions, alerts or HTTP. It is never on the
//! path of a request: who records a number touches a register and not the store.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use tower_watch::layers::clock::Clock;
//! use tower_watch::registers::Registers;
//! use tower_watch::series::{Matcher, Sampler, SamplerSettings, Store};
//!
//! let registers = Registers::new();
//! let (clock, hand) = Clock::fake();
//! let settings = SamplerSettings::new().with_label("job", "shop").with_clock(clock);
//! let mut sampler = Sampler::new(Arc::new(Store::new()), &registers, settings);
//!
//! metrics::with_local_recorder(&registers, || metrics::counter!("orders_total").increment(3));
//! sampler.tick(&registers);
//! hand.advance(Duration::from_secs(5));
//! sampler.tick(&registers);
//!
//! let orders = sampler.store().select(&[Matcher::equal("__name__", "orders_total")], 0, i64::MAX, 1_000).unwrap();
//! assert_eq!(orders[0].labels.to_string(), "orders_total{job=\"shop\"}");
//! // A counter begins with a zero at the tick before, so that its first increment is seen.
//! assert_eq!(orders[0].samples.values, [0.0, 3.0, 3.0]);
//! ```
//!
//! # What becomes a series
//!
//! | register | series |
//! |---|---|
//! | counter, gauge | one of its name |
//! | histogram | `_bucket` with `le` for each bound as `/metrics` spells it, `_sum`, `_count` |
//! | the process | `up`, 1 at each tick |
//! | what is too many | one of its name with `overflow="true"`, the sum of the others |
//!
//! # What it costs
//!
//! | | |
//! |---|---|
//! | a tick | 30 to 50 ns a series, on a thread of its own |
//! | memory | 2.9 bytes a sample with everything included (10,000 series, an hour); a series that does not change, nothing but itself |
//! | a selection | 10 to 20 ns a sample that is read, under a lock that only a tick waits for |

mod dialect;
pub mod disk;
mod history;
mod labels;
mod lookup;
mod marks;
mod matcher;
mod meters;
mod overflow;
mod pattern;
mod quote;
mod reading;
mod retention;
mod sample;
mod sampler;
mod settings;
mod store;
mod stream;
mod symbols;
mod timeline;

#[cfg(feature = "alerts")]
pub(crate) use crate::series::dialect::translated;
pub use crate::series::labels::{Label, Labels};
pub(crate) use crate::series::matcher::anchored;
pub use crate::series::matcher::{MatchOp, Matcher, MatcherError};
pub(crate) use crate::series::quote::Quoted;
pub use crate::series::retention::{Retention, RetentionError};
pub use crate::series::sample::{STALE, Samples, is_stale};
pub use crate::series::sampler::Sampler;
pub use crate::series::settings::{SamplerSettings, StoreSettings};
pub use crate::series::store::{AppendError, Selected, Store, StoreSize, TooManySamples};
pub(crate) use crate::series::timeline::Timeline;
