//! What the web framework knows and plain `http` does not.
//!
//! With the feature `axum`: the matched route template, and the peer. Without it both are unknown, and the same
//! functions say so.

#[cfg(feature = "axum")]
mod axum;
#[cfg(not(feature = "axum"))]
mod bare;

#[cfg(feature = "axum")]
pub(crate) use self::axum::{matched_path, peer};
#[cfg(not(feature = "axum"))]
pub(crate) use self::bare::{matched_path, peer};
