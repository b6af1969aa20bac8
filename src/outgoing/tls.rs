//! Whom to trust, and who we are.

use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

use crate::outgoing::HttpSetupError;

const ROOTS: &str = "roots_pem";
const IDENTITY: &str = "client_certificate_pem";

/// A certificate of our own, and its key.
pub(crate) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    pub(crate) fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, HttpSetupError> {
        let chain = certificates(IDENTITY, certificate)?;
        // The parser's own words could quote the key.
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| HttpSetupError::new(IDENTITY, "the key is no private key in PEM"))?;
        let identity = Self { chain, key };
        // So that a key that does not belong to its certificate shows itself at the start.
        config(Arc::new(RootCertStore::empty()), Some(&identity))?;
        Ok(identity)
    }
}

/// The TLS of a client.
pub(crate) struct Tls {
    identity: Option<Identity>,
    config: OnceCell<Arc<ClientConfig>>,
}

impl Tls {
    pub(crate) fn trusting(pem: &[u8], identity: Option<&Identity>) -> Result<Self, HttpSetupError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(ROOTS, pem)? {
            roots.add(certificate).map_err(|error| {
                HttpSetupError::new(ROOTS, format_args!("a certificate cannot be used: {error}"))
            })?;
        }
        let config = config(Arc::new(roots), identity)?;
        Ok(Self { identity: None, config: OnceCell::new_with(Some(Arc::new(config))) })
    }

    pub(crate) fn trusting_the_system(identity: Option<Identity>) -> Self {
        Self { identity, config: OnceCell::new() }
    }

    pub(crate) async fn config(&self) -> Result<Arc<ClientConfig>, HttpSetupError> {
        let make = || async {
            let roots = system_roots().await?;
            config(roots, self.identity.as_ref()).map(Arc::new)
        };
        self.config.get_or_try_init(make).await.cloned()
    }
}

fn config(roots: Arc<RootCertStore>, identity: Option<&Identity>) -> Result<ClientConfig, HttpSetupError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpSetupError::new("TLS", error))?
        .with_root_certificates(roots);
    let mut config = match identity {
        Some(Identity { chain, key }) => builder
            .with_client_auth_cert(chain.clone(), key.clone_key())
            .map_err(|error| HttpSetupError::new(IDENTITY, error))?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(place: &'static str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, HttpSetupError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(HttpSetupError::new(
            place,
            "there is no certificate in PEM; it begins with -----BEGIN CERTIFICATE-----",
        )),
    }
}

/// What the system trusts, read once for the whole process (some milliseconds) on a thread that may wait.
async fn system_roots() -> Result<Arc<RootCertStore>, HttpSetupError> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    if let Some(roots) = ROOTS.get() {
        return Ok(Arc::clone(roots));
    }
    let failed = |cause: String| {
        let mend = "install the package ca-certificates, or give certificates of your own";
        HttpSetupError::new("the system's certificates", format_args!("{cause}; {mend}"))
    };
    let found = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
    let found = found.map_err(|error| failed(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        let cause = found.errors.first().map_or_else(|| "there is none".to_owned(), ToString::to_string);
        return Err(failed(cause));
    }
    Ok(Arc::clone(ROOTS.get_or_init(|| Arc::new(roots))))
}
