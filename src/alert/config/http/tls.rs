//! Whom to trust, and who we are.

use std::io;
use std::path::PathBuf;

use serde::Deserialize;

use crate::alert::config::Secret;
use crate::alert::config::http::{HttpConfigError, refused};
use crate::outgoing::HttpClientBuilder;

/// The section `tls_config`. Files are read when a client is made of it: a certificate that is changed counts from the next
/// reload on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsConfig {
    /// Certificates (PEM) that are trusted in place of the system's.
    pub ca: Option<Secret>,
    /// Our own certificate (PEM), with its chain.
    pub certificate: Option<Secret>,
    /// Its key (PEM).
    pub key: Option<Secret>,
}

/// A certificate with its chain, and its key: both PEM.
pub(crate) type PemPair = (Vec<u8>, Vec<u8>);

impl TlsConfig {
    /// The certificates to trust (PEM), if they are not the system's.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn roots_pem(&self) -> Result<Option<Vec<u8>>, HttpConfigError> {
        self.ca.as_ref().map(pem).transpose()
    }

    /// Our own certificate and its key (PEM).
    ///
    /// # Errors
    ///
    /// A file cannot be read.
    pub fn identity_pem(&self) -> Result<Option<PemPair>, HttpConfigError> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Ok(Some((pem(certificate)?, pem(key)?))),
            _ => Ok(None),
        }
    }

    pub(crate) fn apply(&self, mut builder: HttpClientBuilder) -> Result<HttpClientBuilder, HttpConfigError> {
        if let Some(roots) = self.roots_pem()? {
            builder = builder.roots_pem(roots);
        }
        if let Some((certificate, key)) = self.identity_pem()? {
            builder = builder.client_certificate_pem(certificate, key);
        }
        Ok(builder)
    }
}

/// A bundle of certificates is longer than a secret may be.
fn pem(secret: &Secret) -> Result<Vec<u8>, HttpConfigError> {
    const LONGEST: u64 = 4 * 1024 * 1024;
    let path = match secret {
        Secret::Value(value) => return Ok(value.clone().into_bytes()),
        Secret::File(path) => path,
    };
    let failed =
        |cause: io::Error| HttpConfigError::new(format!("{} cannot be read: {cause}", path.display()));
    if std::fs::metadata(path).map_err(failed)?.len() > LONGEST {
        return Err(failed(io::Error::other("it is longer than 4 MiB")));
    }
    std::fs::read(path).map_err(failed)
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsSection {
    ca: Option<Secret>,
    ca_file: Option<PathBuf>,
    cert: Option<Secret>,
    cert_file: Option<PathBuf>,
    key: Option<Secret>,
    key_file: Option<PathBuf>,
    #[serde(default, rename = "insecure_skip_verify", deserialize_with = "refused::skipping")]
    _insecure_skip_verify: (),
    #[serde(default, rename = "server_name", deserialize_with = "refused::server_name")]
    _server_name: (),
    #[serde(default, rename = "min_version", deserialize_with = "refused::least")]
    _min_version: (),
    #[serde(default, rename = "max_version", deserialize_with = "refused::max_version")]
    _max_version: (),
}

impl<'de> Deserialize<'de> for TlsConfig {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let section = TlsSection::deserialize(deserializer)?;
        let made = || {
            let certificate = Secret::either("cert", section.cert, section.cert_file)?;
            let key = Secret::either("key", section.key, section.key_file)?;
            if certificate.is_some() != key.is_some() {
                let lacking = if key.is_some() { "cert_file" } else { "key_file" };
                return Err(format!("a certificate and its key go together; add {lacking}"));
            }
            Ok(Self { ca: Secret::either("ca", section.ca, section.ca_file)?, certificate, key })
        };
        made().map_err(serde::de::Error::custom)
    }
}
