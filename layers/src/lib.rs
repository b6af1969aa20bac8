//! The request side of tower-watch: what happens to *one* request.
//!
//! One middleware, [`observe::Observe`], follows a request to its true end and tells observers. The observers here
//! are [`context`] (request id, tenant, user), [`trace`] (the span), [`red`] (rate, errors, duration, in flight, sizes) and
//! [`access`] (a log line); a user's own is twenty lines. [`client`] is the same on the way out. The
//! package `tower-watch` puts them together and adds what happens across requests.
//!
//! There is no engine, no runtime and, without the feature `axum`, no framework in here: only `http`, `tower`'s
//! traits, the `metrics` facade and `tracing`.
//!
//! | module | what it holds |
//! |---|---|
//! | [`observe`] | the exchange: service, future, body, guard; observers and what they are told |
//! | [`context`] | request id, tenant, user, `RequestContext` |
//! | [`red`] | the request metrics |
//! | [`trace`] | the request's span: sampling, parents, what is kept at the end |
//! | [`access`] | one log line per exchange |
//! | [`client`] | the same for requests that go out |
//! | [`traced`] | spans around one's own work, and the context across tasks, channels and queues |
//! | [`spans`] | the subscriber's layer: which exchange a span belongs to |
//! | [`recording`] | what happened inside of one exchange, span by span |
//! | [`w3c`] | trace ids, `traceparent`, `tracestate`, `baggage` |
//! | [`redact`] | which values never reach a span or a log line |
//! | [`ratio`] | a share of all requests |
//! | [`route`] | which endpoint a request belongs to |
//! | [`policy`] | what one route does differently |
//! | [`peer`] | who is at the other end, whether it is believed, and how much of it is shown |
//! | [`classify`] | how an exchange came out, and the one definition of "error" |
//! | [`clock`] | the one clock |
//! | [`exemplar`] | the trace that a measurement belongs to |
//! | [`testing`] | for tests: recorded exchanges, a fake clock |
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::disallowed_macros, clippy::disallowed_methods)]

mod cache;
mod caught;
mod clean;
mod cut;
mod facade;
mod framework;
mod hex;
mod method;
mod percent;
mod version;

pub mod access;
pub mod classify;
pub mod client;
pub mod clock;
pub mod context;
pub mod exemplar;
pub mod observe;
pub mod peer;
pub mod policy;
pub mod ratio;
pub mod recording;
pub mod red;
pub mod redact;
pub mod route;
pub mod spans;
pub mod testing;
pub mod trace;
pub mod traced;
pub mod w3c;

pub use self::facade::SharedRecorder;
