//! What a service tells others about itself: log lines, and (features `otlp`, `sentry`) traces, logs, metrics and errors.
//!
//! [`init`] sets up the `tracing` subscriber of the process and starts what exports; the [`Telemetry`] that it returns goes to
//! [`WatchBuilder::telemetry`](crate::WatchBuilder::telemetry), so that the watch hands over what it decides at the end of an
//! exchange and flushes everything on shutdown. Each part is also a plain layer for a subscriber of one's own.
//!
//! | file | what it holds |
//! |---|---|
//! | `builder` | [`TelemetryBuilder`]: what there is to say, [`init`] |
//! | `business` | [`event`]: what happened in the business |
//! | `counts` | what went out and what did not, for all ways out |
//! | `handle` | [`Telemetry`]: flush and shut down |
//! | `identity` | [`Identity`]: which service this is, in every line, span and report |
//! | `roots` | how much is sampled of what no request asked for |
//! | `outlet` | one way out, as the handle sees it |
//! | `logs/` | log lines: JSON or text, where they go, what is redacted |
//! | `otlp/` | the OpenTelemetry protocol; the only place that knows a type of OpenTelemetry's |
//! | `sentry/` | Sentry |
//! | `silence` | no access lines where nobody writes them |

mod builder;
mod business;
mod counts;
mod error;
mod handle;
pub(crate) mod identity;
pub mod logs;
#[cfg(feature = "otlp")]
pub mod otlp;
#[cfg(not(feature = "otlp"))]
#[path = "no_otlp.rs"]
mod otlp;
mod outlet;
mod roots;
#[cfg(feature = "sentry")]
pub mod sentry;
#[cfg(not(feature = "sentry"))]
#[path = "no_sentry.rs"]
mod sentry;
mod silence;

pub use self::builder::{TelemetryBuilder, init};
pub use self::business::{BUSINESS_TARGET, BusinessEvent, Datum, event};
pub use self::error::TelemetryError;
pub use self::handle::Telemetry;
pub use self::identity::Identity;

pub(crate) use self::outlet::{Flushed, Outlet, OutletLayer};
