//! The way out: requests that this service sends to others.
//!
//! [`ClientLayer`] goes around any client that is a tower service over `http` types: hyper-util's pool, a tonic channel, and
//! with tower-watch's feature `reqwest` reqwest. It is the same observed exchange as on the way in, seen from the other end:
//! one span by OpenTelemetry's conventions for clients, the trace handed on in `traceparent`, and numbers by host. It ends
//! when the body of the answer has been read, dropped or failed.
//!
//! What goes to whom: `traceparent` and `tracestate`, which identify nobody, go to every host. The request id, the tenant
//! and the baggage go to listed hosts only ([`ClientConfig::with_trusted_host`]). A header that the caller has set is left
//! as it is: a proxy that forwards the headers of a request takes `traceparent` out of them, or its own span is passed over.
//!
//! ```
//! use std::convert::Infallible;
//!
//! use http::{Request, Response};
//! use http_body_util::Empty;
//! use tower::{ServiceBuilder, ServiceExt};
//! use tower_watch_layers::client::{ClientConfig, ClientLayer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let config = ClientConfig::new().with_trusted_host("*.shop.internal")?;
//! // In the place of a client: it answers with the trace that it was told.
//! let client = ServiceBuilder::new().layer(ClientLayer::new(config)).service_fn(
//!     async |request: Request<Empty<&'static [u8]>>| {
//!         let trace = request.headers()["traceparent"].clone();
//!         let answer = Response::builder().header("x-trace", trace).body(Empty::<&'static [u8]>::new());
//!         Ok::<_, Infallible>(answer.unwrap())
//!     },
//! );
//! let answer = client.oneshot(Request::get("http://orders.shop.internal/orders/7").body(Empty::new())?).await?;
//! assert_eq!(answer.headers()["x-trace"].len(), 55);
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! | metric | labels | what it counts |
//! |---|---|---|
//! | `http_client_requests_total` | `method`, `host`, `status` | every attempt; status `none` where there was no answer |
//! | `http_client_request_duration_seconds` | `method`, `host`, `status` | from the call to the end of the body; not of streams |
//! | `http_client_requests_in_flight` | `method`, `host` | those that have not ended |
//! | `http_client_requests_errors_total` | `method`, `host`, `error_type` | 4xx, 5xx, no answer, an answer that broke off, a call that was given up |
//!
//! A gRPC call has `grpc_status` too, and every status but OK is an error. Hosts fall under a cap
//! ([`ClientConfig::with_host_cap`]); what is beyond it is `_other`.
//!
//! | file | what it holds |
//! |---|---|
//! | `layer` | [`ClientLayer`], [`ClientObserver`] |
//! | `config` | [`ClientConfig`]: what is said, and to whom |
//! | `exchange` | one request on its way: scope, head, end |
//! | `span` | its span |
//! | `numbers` | its metrics |
//! | `headers` | what it hands on |
//! | `hosts` | [`HostPattern`]: which hosts are trusted |
//! | `server` | where a request goes, and under which name |
//! | `attempts` | [`Attempts`]: retries of one request know each other |
//! | `url` | the URL without what is secret in it |
//!
//! It imports `observe`, `spans`, `w3c`, and no other observer.

mod attempts;
mod config;
mod exchange;
mod headers;
mod hosts;
mod layer;
mod numbers;
mod server;
mod span;
mod url;

pub use self::attempts::{Attempts, AttemptsLayer, CountAttempts};
pub use self::config::ClientConfig;
pub use self::exchange::ClientExchange;
pub use self::hosts::{HostPattern, HostPatternError};
pub use self::layer::{Client, ClientLayer, ClientObserver};
