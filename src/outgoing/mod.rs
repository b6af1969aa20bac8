//! What this process sends to others over HTTP: one client for all exporters, reports and notifications.
//!
//! HTTP/1.1 and HTTP/2, TLS by rustls with ring and the system's certificates (or those that are given), and limits on time
//! and on what is read of an answer. Nothing in here is observed by ourselves: an export does not make a span.

mod client;

pub use self::client::{Answer, HttpClient, HttpClientError};
