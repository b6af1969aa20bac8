//! tower-watch makes a tower, axum or hyper service observable with one layer.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
pub mod http;
pub mod registers;

pub use tower_watch_layers as layers;
