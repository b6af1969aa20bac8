//! Critical errors and panics as alerts, as they happen.
//!
//! A rule over the error ratio says that something is wrong for many; this says that something happened that never should:
//! a panic, or an error that a classifier calls critical. [`ErrorAlerts`] raises one alert for each endpoint and type of
//! error, however often it happens, with the ids of a request to look for, and lets it end by itself when it stops. The
//! client gets a 500 that tells it the request id and nothing else ([`Problem`](crate::problem::Problem),
//! [`AnswerPanic`](crate::AnswerPanic)).
//!
//! ```no_run
//! # #[cfg(feature = "axum")]
//! # fn example(watch: &tower_watch::Watch) {
//! use axum::{Router, routing::post};
//! use tower_watch::RouterExt;
//! use tower_watch::alert::errors::ErrorAlerts;
//! use tower_watch::problem::Problem;
//!
//! let errors = ErrorAlerts::new(watch.alerts().clone());
//! let in_handler = errors.clone();
//! let pay = move || async move {
//!     let charged: Result<(), std::io::Error> = Ok(());
//!     // Whatever it is: an alert for the operators, a 500 for the client.
//!     charged.map_err(|error| in_handler.problem(error, "charge_failed"))?;
//!     Ok::<_, Problem>("paid")
//! };
//! let app: Router = Router::new().route("/pay", post(pay)).layer(errors.layer()).watched(watch);
//! # }
//! ```
//!
//! | what happened | alert | where it is seen |
//! |---|---|---|
//! | a panic | `Panic` | the layer |
//! | an error that a handler reports | `CriticalError` | [`ErrorAlerts::problem`], [`ErrorAlerts::report`] |
//! | another failure (a 5xx, an error of the service) | `CriticalError`, where a classifier says so | the layer |
//!
//! Labels are `alertname`, `endpoint` (the route's template), `error_type` and `severity`, and what the engine adds
//! (`service`, `environment`, `instance`). A success costs the layer's own wrapping and nothing more; a failure costs a lock
//! that is held for a look into a map of at most 1,000 entries. Nothing here waits, and nothing here panics.

mod handler;
mod observer;
#[cfg(feature = "axum")]
mod problem;
mod report;

pub use crate::alert::errors::handler::{ErrorAlerts, Raise};
pub use crate::alert::errors::observer::ErrorExchange;
pub use crate::alert::errors::report::ErrorReport;

#[cfg(test)]
mod tests;
