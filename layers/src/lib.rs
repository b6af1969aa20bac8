//! The request side of tower-watch: what happens to *one* request.
//!
//! One middleware, [`observe::Observe`], follows a request to its true end and tells observers. The observers here
//! are [`context`] (request id, tenant, user) and [`red`] (rate, errors, duration, in flight, sizes); a user's own
//! is twenty lines. The package `tower-watch` puts them together and adds what happens across requests.
//!
//! There is no engine, no runtime and, without the feature `axum`, no framework in here: only `http`, `tower`'s
//! traits and the `metrics` facade.
//!
//! | module | what it holds |
//! |---|---|
//! | [`observe`] | the exchange: service, future, body, guard; observers and what they are told |
//! | [`context`] | request id, tenant, user, `RequestContext` |
//! | [`red`] | the request metrics |
//! | [`route`] | which endpoint a request belongs to |
//! | [`policy`] | what one route does differently |
//! | [`classify`] | how an exchange came out, and the one definition of "error" |
//! | [`clock`] | the one clock |
//! | [`exemplar`] | the trace that a measurement belongs to |
//! | [`testing`] | for tests: recorded exchanges, a fake clock |
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::disallowed_macros, clippy::disallowed_methods)]

mod cache;
mod caught;
mod facade;
mod framework;

pub mod classify;
pub mod clock;
pub mod context;
pub mod exemplar;
pub mod observe;
pub mod policy;
pub mod red;
pub mod route;
pub mod testing;

pub use self::facade::SharedRecorder;
