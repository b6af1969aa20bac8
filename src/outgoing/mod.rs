//! What this process sends to others over HTTP: one client for all exporters, reports and notifications.
//!
//! HTTP/1.1 and HTTP/2, TLS 1.2 and 1.3 by rustls with ring and the system's certificates (or those that are given), the
//! proxies that the environment names, and limits on time and on what is read of an answer. Redirects are not followed: what
//! is sent is meant for the address that was configured. Nothing in here is observed by ourselves: an export does not make a
//! span.
//!
//! | file | what it holds |
//! |---|---|
//! | `client` | [`HttpClient`]: one request, one [`Answer`] |
//! | `builder` | [`HttpClientBuilder`]: certificates, limits, proxies |
//! | `connector` | a connection: direct, to a proxy, or through one |
//! | `proxies` | which proxy, by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` |
//! | `tls` | whom to trust, and who we are |
//! | `error` | why there was no answer, without a secret in it |

mod builder;
mod client;
mod connector;
mod error;
mod proxies;
mod tls;

pub use self::builder::HttpClientBuilder;
pub use self::client::{Answer, HttpClient};
pub use self::error::{HttpClientError, HttpSetupError};

#[cfg(any(feature = "mail", feature = "otlp"))]
pub(crate) use self::error::causes;
