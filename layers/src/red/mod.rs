//! Rate, errors and duration of every exchange, how many are in flight, and how large they are.
//!
//! [`RedLayer`] is the layer, [`RedObserver`] what it plugs into an exchange. Handles are made once per route,
//! method and status and kept, so that a request allocates nothing and hashes no owned string. Everything goes
//! through the `metrics` facade.
//!
//! # What each end adds
//!
//! | outcome | requests | duration | head | errors | aborted |
//! |---|---|---|---|---|---|
//! | `Complete` | its status | yes | yes | if it is one | |
//! | `Refused` | its status | yes | yes | if it is one | |
//! | `Upgraded` | its status | no: a stream | yes | if it is one | |
//! | `Panicked`, no head sent | 500 | yes | | `panic` | |
//! | `Panicked`, answered by a handler inside | 500 | yes | yes | `panic` | |
//! | `Panicked` in the body | the status sent | yes | yes | `panic` | `panic` |
//! | `BodyError` | the status sent | yes | yes | `body_error` | `body_error` |
//! | `BodyDropped` | the status sent | yes | yes | if it is one | `body_dropped` |
//! | `ServiceError` | | | | `service_error` | `service_error` |
//! | `Cancelled` | | | | if the handler named one | `cancelled` |
//!
//! So every exchange is in `requests`, or in `aborted` as `cancelled` or `service_error`, and in exactly one of
//! the two. "If it is one" is [`ErrorType::of`](crate::classify::ErrorType::of), or what the handler named.
//! Streams (event streams, upgrades, what a policy calls one) are counted, with their time to head, and their
//! duration stays out of the histogram. Sizes are those of the exchanges in `requests`.
//!
//! It imports `observe`, `route`, `classify` and `policy`, and no other observer.

mod config;
mod handles;
mod label;
mod layer;
mod maker;
mod manual;
mod naming;
mod series;
mod tenants;

pub use self::config::RedConfig;
pub use self::label::{Label, LabelError};
pub use self::layer::{Red, RedExchange, RedLayer, RedObserver};
pub use self::naming::{Collect, Naming, PrefixError};
pub use self::tenants::TenantMetrics;
