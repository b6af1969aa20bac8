//! Requests that this service sends to others.
//!
//! [`Watch::client`](crate::Watch::client) is a layer for any client that is a tower service: hyper-util's pool and tonic's
//! channel as they are, reqwest through `ReqwestService` (feature `reqwest`). What it says and counts is in
//! [`layers::client`](crate::layers::client).

#[cfg(feature = "reqwest")]
mod reqwest;

#[cfg(feature = "reqwest")]
pub use self::reqwest::{ReqwestFuture, ReqwestService, reqwest_builder};
pub use tower_watch_layers::client::{
    Attempts, AttemptsLayer, ClientConfig, ClientLayer, HostPattern, HostPatternError,
};
