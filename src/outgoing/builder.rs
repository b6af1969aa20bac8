//! What there is to say about a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::outgoing::connector::Connector;
use crate::outgoing::proxies::Proxies;
use crate::outgoing::tls::{Identity, Tls};
use crate::outgoing::{HttpClient, HttpSetupError};

const IDLE_CONNECTIONS: usize = 2;
const IDLE_FOR: Duration = Duration::from_secs(30);
/// An HTTP/2 connection that does not answer a ping for so long is given up.
const PING: Duration = Duration::from_secs(20);
const HEAD_LIMIT: usize = 64 * 1024;

/// Describes an [`HttpClient`]. The proxies are those of the environment.
#[derive(Clone)]
#[must_use = "there is no client before build"]
pub struct HttpClientBuilder {
    connect_timeout: Duration,
    answer_limit: usize,
    roots_pem: Option<Vec<u8>>,
    identity_pem: Option<(Vec<u8>, Vec<u8>)>,
    proxies: ProxyChoice,
}

#[derive(Clone)]
enum ProxyChoice {
    Environment,
    Given(String),
    None,
}

impl HttpClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            answer_limit: 64 * 1024,
            roots_pem: None,
            identity_pem: None,
            proxies: ProxyChoice::Environment,
        }
    }

    /// How long name, connection, proxy and TLS may take together. By default 5 s.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How many bytes of an answer's body are read; the rest is left. By default 64 KiB.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.answer_limit = bytes;
        self
    }

    /// Trusts these certificates (PEM, one or more) instead of the system's.
    pub fn roots_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots_pem = Some(pem.into());
        self
    }

    /// Shows this certificate (PEM, with its chain) to servers that ask for one; `key` is its private key (PEM).
    pub fn client_certificate_pem(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.identity_pem = Some((certificate.into(), key.into()));
        self
    }

    /// Asks this proxy (`http://user:password@host:port`) for everything, whatever the environment says.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxies = ProxyChoice::Given(url.into());
        self
    }

    /// Asks no proxy, whatever the environment says.
    pub fn without_proxy(mut self) -> Self {
        self.proxies = ProxyChoice::None;
        self
    }

    /// The client. It opens no connection, and reads the system's certificates when it needs them first.
    ///
    /// # Errors
    ///
    /// A certificate, key or proxy that cannot be used.
    pub fn build(self) -> Result<HttpClient, HttpSetupError> {
        let identity =
            self.identity_pem.map(|(certificate, key)| Identity::from_pem(&certificate, &key)).transpose()?;
        let tls = match self.roots_pem {
            Some(pem) => Tls::trusting(&pem, identity.as_ref())?,
            None => Tls::trusting_the_system(identity),
        };
        let proxies = Arc::new(match self.proxies {
            ProxyChoice::Environment => Proxies::from_environment(crate::config::variable)?,
            ProxyChoice::Given(url) => Proxies::always(&url)?,
            ProxyChoice::None => Proxies::none(),
        });
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_FOR)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .http1_max_buf_size(HEAD_LIMIT)
            .http2_keep_alive_interval(PING)
            .build(Connector::new(Arc::clone(&proxies), tls, self.connect_timeout));
        Ok(HttpClient::new(client, proxies, self.answer_limit, HEAD_LIMIT))
    }
}

impl fmt::Debug for HttpClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClientBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("answer_limit", &self.answer_limit)
            .field("has_roots", &self.roots_pem.is_some())
            .field("has_client_certificate", &self.identity_pem.is_some())
            .finish_non_exhaustive()
    }
}
