//! The span of a request: one per exchange, from its first byte to its last.
//!
//! [`TraceLayer`] decides at the start where the exchange is in which trace (it continues its caller's, is linked to it, or
//! begins one of its own) and whether the trace is sampled; makes a plain `tracing` span with OpenTelemetry's attributes for
//! HTTP and RPC servers; enters it around each poll; and closes it at the true end with the outcome. A request that is not
//! sampled has ids and no span, unless one is [asked for](TraceConfig::with_unsampled_spans): spans below belong to it all the
//! same, and it pays for nothing else. Where a
//! [`KeepTraces`] is given, what ends in an error or is slow is kept with its whole span tree, sampled or not.
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! use http::{Request, Response};
//! use http_body_util::Empty;
//! use tower::ServiceBuilder;
//! use tower_watch_layers::ratio::Ratio;
//! use tower_watch_layers::trace::{TraceConfig, TraceLayer};
//!
//! let config = TraceConfig::production().with_request_headers(["accept-language"]).unwrap();
//! // What an operator does while it runs: everything for ten minutes, then a tenth again.
//! let sampling = config.sampling().clone();
//! let service = ServiceBuilder::new().layer(TraceLayer::new(config)).service_fn(
//!     async |_: Request<Empty<&'static [u8]>>| Ok::<_, Infallible>(Response::new(Empty::<&'static [u8]>::new())),
//! );
//! sampling.raise(Ratio::ALL, Duration::from_secs(600));
//! # let _ = service;
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | `layer` | [`TraceLayer`] |
//! | `observer` | [`TraceObserver`] |
//! | `config` | [`TraceConfig`]: what a span shows, whom it believes |
//! | `headers`, `fields` | the allowlists of headers, and fields of the application's own |
//! | `sampling`, `raised`, `debug_header` | [`Sampling`]: how much is sampled, changeable while running |
//! | `strangers` | [`StrangerPolicy`]: what becomes of a trace that a caller claims |
//! | `keep` | [`KeepTraces`], [`KeptTrace`]: what is decided at the end |
//! | `truncated` | how often a text was cut |
//! | `shown/` | the span's name, fields and values |
//!
//! # What a span has
//!
//! | attribute | when |
//! |---|---|
//! | `http.request.method` | HTTP; `_OTHER` for a method that HTTP does not know, which is then in `http.request.method_original` |
//! | `url.scheme`, `network.protocol.version` | always |
//! | `url.path`, `http.route` | the route's template, where one was matched; the raw path on request |
//! | `url.query`, `client.address`, `user_agent.original`, `server.address`, `server.port` | on request |
//! | `http.request.header.NAME`, `http.response.header.NAME` | on the allowlist |
//! | `http.response.status_code` | where there was a head |
//! | `http.request.body.size`, `http.response.body.size` | at the end; the bytes that went through |
//! | `rpc.system.name`, `rpc.method`, `rpc.response.status_code` | gRPC, in the place of method, path, scheme, route and status |
//! | `error.type` | the error, by [`ErrorType`](crate::classify::ErrorType); the span's status is then Error |
//! | `tower_watch.outcome` | how it ended, where it did not end well: `cancelled`, `body_dropped`, `panic`, ... |
//! | `request.id`, `tenant.id`, `enduser.id` | where they are known; the late ones at the end |
//!
//! The status is Error for a 5xx, a panic, an error of the service or the body, an error that the handler named, and a gRPC
//! status that is the server's fault. A 4xx and a client that went away leave it unset.
//!
//! It imports `observe`, `classify`, `clock`, `peer`, `redact`, `spans`, `w3c`, and no other observer.

mod config;
mod debug_header;
mod fields;
mod headers;
mod keep;
mod layer;
mod observer;
mod raised;
mod sampling;
mod shown;
mod strangers;
mod truncated;

pub use self::config::TraceConfig;
pub use self::debug_header::DebugHeaderError;
pub use self::headers::HeaderError;
pub use self::keep::{KeepTraces, KeptTrace};
pub use self::layer::{Trace, TraceLayer};
pub use self::observer::{TraceExchange, TraceObserver};
pub use self::sampling::{Sampling, SamplingMode};
pub use self::strangers::{StrangerPolicy, Strangers};
