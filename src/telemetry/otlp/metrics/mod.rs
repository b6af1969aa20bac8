//! Metrics through OTLP: the numbers of the watch, as `/metrics` shows them.
//!
//! Same names, same labels, same buckets; counters as monotonic sums and histograms with explicit bounds, both as totals since
//! the start of their series (cumulative), with the unit that the code declares. Read from the registers on the thread that
//! exports, so no request pays for it.
//!
//! A series that was removed as idle and comes back counts from zero again; it is then told as one that began after the
//! export before, so that a backend takes no value twice.
//!
//! <https://opentelemetry.io/docs/specs/otel/metrics/data-model/>
//!
//! | file | what it holds |
//! |---|---|
//! | `source` | reads the registers of each watch |
//! | `beginnings` | when each series began |
//! | `encode` | from series to the messages of the protocol |
//! | `unit` | units as the protocol writes them |
//! | `signal` | the message of the protocol |

mod beginnings;
mod encode;
mod signal;
mod source;
mod unit;

pub(crate) use self::signal::Metrics;
pub(crate) use self::source::MetricsSource;
