//! What the web framework knows and plain `http` does not.
//!
//! With the feature `axum`: the matched route template, the peer, and how to count the bytes
//! of axum's request body without changing its type. Without it all are unknown, and the same functions say so.

#[cfg(feature = "axum")]
mod axum;
#[cfg(not(feature = "axum"))]
mod bare;

#[cfg(feature = "axum")]
pub(crate) use self::axum::{counted, counts, matched_path, peer};
#[cfg(not(feature = "axum"))]
pub(crate) use self::bare::{counted, counts, matched_path, peer};
