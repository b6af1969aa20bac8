//! One log line per exchange, at its true end.
//!
//! The line is an event with the target [`TARGET`], of level INFO, and for errors WARN (or what [`AccessLog`] says). It stands
//! outside of the request's span and is independent of its level, so that it is there with any subscriber: with
//! `tracing_subscriber::fmt`, with tower-watch's JSON lines, with a collector of OpenTelemetry's.
//!
//! ```
//! use std::convert::Infallible;
//!
//! use http::{Request, Response};
//! use http_body_util::Empty;
//! use tower::ServiceBuilder;
//! use tower_watch_layers::access::{AccessLog, AccessLogLayer};
//! use tower_watch_layers::ratio::Ratio;
//!
//! // All that fails or is slow, and one success in a hundred.
//! let log = AccessLog::new().with_successes(Ratio::new(0.01).unwrap()).with_user_agent();
//! let service = ServiceBuilder::new().layer(AccessLogLayer::new(log)).service_fn(
//!     async |_: Request<Empty<&'static [u8]>>| Ok::<_, Infallible>(Response::new(Empty::<&'static [u8]>::new())),
//! );
//! # let _ = service;
//! ```
//!
//! | field | what it is | where it is missing |
//! |---|---|---|
//! | `method`, `route` | the method, and the template of the route | |
//! | `path`, `query` | as the client sent them, the query without its secrets | unless asked for |
//! | `status`, `grpc_status` | a number; a name as `DEADLINE_EXCEEDED` | no head; not gRPC |
//! | `outcome` | how it ended: see [`Outcome`](crate::classify::Outcome) | |
//! | `error_type` | the error that it counts as | no error |
//! | `duration_ms`, `head_ms` | to the end of the body, and to the head, in milliseconds with three decimals | no head |
//! | `bytes_in`, `bytes_out` | of the bodies, without framing | nobody could count what came in |
//! | `request_id`, `tenant`, `user_id`, `trace_id`, `span_id` | whose it is | nobody said |
//! | `protocol_version` | `1.1`, `2` | |
//! | `client_address`, `user_agent` | cleaned, and cut | unless asked for |
//!
//! Where there is no subscriber, or none for the line's level, nothing is kept of a request: it costs the question. Where the
//! subscriber takes no event of this target, the line is left out at its place in the code and nothing of it is computed. Where
//! it does, the line costs no allocation here beyond what was asked for.
//!
//! It imports `observe`, `classify`, `ratio`, `redact`, `peer`, and no other observer.

mod config;
mod layer;
mod line;

pub use self::config::AccessLog;
pub use self::layer::{AccessExchange, AccessLogLayer, AccessLogged, AccessObserver};
pub use self::line::TARGET;
