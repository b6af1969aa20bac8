//! The numbers of the process: one `metrics::Recorder` over plain atomics, and its exposition.
//!
//! Everything that says `counter!`, `gauge!` or `histogram!` (this toolkit, the application, a third crate) comes
//! in through the [`metrics`] facade and ends in one register here. Out go `/metrics`
//! ([`Registers::render`]), the tick of the series store ([`Registers::visit`]) and tests
//! ([`Registers::snapshot`]). What lives here must never wait, read the clock (but for an exemplar) or allocate
//! while a value is recorded, and never grows because nobody scrapes: a histogram is a fixed row of buckets.
//!
//! ```
//! use tower_watch::registers::{Format, Registers};
//!
//! let registers = Registers::builder()
//!     .global_label("service", "shop")
//!     .buckets_for("checkout_seconds", [0.1, 0.5, 2.0])
//!     .build()?;
//! metrics::with_local_recorder(&registers, || {
//!     metrics::describe_counter!("orders_total", "Orders taken.");
//!     metrics::counter!("orders_total", "channel" => "web").increment(3);
//!     metrics::histogram!("checkout_seconds").record(0.3);
//! });
//! assert_eq!(registers.snapshot().counter("orders_total", &[("channel", "web")]), 3);
//! assert!(registers.render(Format::Text).contains("orders_total{channel=\"web\",service=\"shop\"} 3\n"));
//! # Ok::<(), tower_watch::registers::RegistersError>(())
//! ```
//!
//! # What a handle costs
//!
//! | Operation | Cost |
//! |---|---|
//! | record through a handle that is kept | one atomic add (a histogram: a search of its bounds, an add, and a compare-and-swap for the sum, in a copy that few threads share) |
//! | `counter!(..)` each time | a read lock of one registry shard, a lookup by the key's hash, an `Arc` clone |
//! | the same for a name or label that had to be mended | in addition, the mending and its allocations: keep the handle |
//! | with branches | in addition, each branch's own registration and one allocation: keep the handle |
//!
//! # Names
//!
//! There is one place where names are mended, at the door ([`metrics`] key in, register out), so everything
//! inside agrees on them. A letter that Prometheus refuses becomes `_`; two keys that become the same series
//! *are* one register, and so add up. A label with an empty value is no label, as in Prometheus. A label that
//! Prometheus keeps for itself (`__name__`, or `le` on a histogram) is shown as `exported_le`, as Prometheus
//! itself does. When one name is used for two types, the first keeps it and the other is shown as
//! `name_gauge`, `name_counter` or `name_histogram`, with one warning; the same holds for a name that a histogram
//! writes (`x_bucket`, `x_sum`, `x_count`, `x_created`).

mod buckets;
mod builder;
mod canonical;
mod catalog;
mod cells;
mod endings;
mod error;
mod exemplars;
mod expose;
mod fanout;
mod format;
mod install;
mod metadata;
mod number;
mod recorder;
mod series;
mod snapshot;
mod storage;
mod stripes;
mod sweep;

pub(crate) use crate::registers::buckets::checked as checked_buckets;
pub use crate::registers::builder::RegistersBuilder;
#[cfg(feature = "series")]
pub(crate) use crate::registers::canonical::metric_name;
pub use crate::registers::error::{BucketFault, InstallError, RegistersError};
pub use crate::registers::exemplars::Exemplar;
pub use crate::registers::format::Format;
pub use crate::registers::metadata::MetricMetadata;
#[cfg(feature = "series")]
pub(crate) use crate::registers::number::Bound;
pub use crate::registers::recorder::Registers;
#[cfg(any(feature = "logs", feature = "series"))]
pub(crate) use crate::registers::recorder::WeakRegisters;
pub use crate::registers::series::{Kind, Reading, SeriesKey};
pub use crate::registers::snapshot::{HistogramSnapshot, Series, SeriesValue, Snapshot};
