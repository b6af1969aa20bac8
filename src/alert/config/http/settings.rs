//! What there is to say about requests to a receiver.

use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use crate::alert::config::Secret;
use crate::alert::config::http::credentials::sensitive;
use crate::alert::config::http::{Credentials, TlsConfig};
use crate::alert::config::secret::SecretError;
use crate::outgoing::HttpClient;

/// How a receiver is spoken to over HTTP. In code, the proxies are those of the environment unless it is said otherwise; in a
/// file there is none unless one is given, as upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpConfig {
    /// The header `Authorization`.
    pub credentials: Option<Credentials>,
    /// Certificates.
    pub tls: TlsConfig,
    /// Which proxy is asked.
    pub proxy: Proxy,
    /// More headers, each with a value that is not shown.
    pub headers: Vec<(HeaderName, Secret)>,
}

/// Which proxy is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// Those that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    #[default]
    Environment,
    /// This one for everything; its user and password are in it.
    Url(Secret),
    /// None.
    None,
}

/// A client that cannot be made, or a request that cannot be sent, because of what `http_config` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpConfigError(String);

impl HttpConfig {
    /// What a file means that has no `http_config`.
    pub(crate) fn of_a_file() -> Self {
        Self { proxy: Proxy::None, ..Self::default() }
    }

    /// Sends these credentials.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Uses these certificates.
    #[must_use]
    pub fn with_tls(mut self, tls: TlsConfig) -> Self {
        self.tls = tls;
        self
    }

    /// Asks this proxy.
    #[must_use]
    pub fn with_proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// A client with these certificates and this proxy. Reads the files of the certificates.
    ///
    /// # Errors
    ///
    /// A certificate, a key or a proxy that cannot be used, or a file that cannot be read.
    pub fn client(&self) -> Result<HttpClient, HttpConfigError> {
        let builder = match &self.proxy {
            Proxy::Environment => HttpClient::builder(),
            Proxy::Url(url) => HttpClient::builder().proxy(url.read()?),
            Proxy::None => HttpClient::builder().without_proxy(),
        };
        let client = self.tls.apply(builder)?.build();
        client.map_err(|error| HttpConfigError::new(error.to_string()))
    }

    /// Adds the headers that each request has: credentials and more. Reads the files of secrets.
    ///
    /// # Errors
    ///
    /// A secret that cannot be read, or cannot stand in a header.
    pub fn apply(&self, headers: &mut HeaderMap) -> Result<(), HttpConfigError> {
        if let Some(credentials) = &self.credentials {
            headers.insert(AUTHORIZATION, credentials.header()?);
        }
        for (name, value) in &self.headers {
            headers.append(name, sensitive(&value.read()?, "the values of http_headers")?);
        }
        Ok(())
    }
}

impl HttpConfigError {
    pub(crate) fn new(message: String) -> Self {
        Self(message)
    }
}

impl From<SecretError> for HttpConfigError {
    fn from(error: SecretError) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for HttpConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HttpConfigError {}
