//! The request side of tower-watch.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod clock;
pub mod exemplar;
