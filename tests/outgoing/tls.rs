//! TLS with certificates that are made here.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tower_watch::outgoing::{HttpClient, HttpClientBuilder, HttpClientError};

use crate::peer::get;

/// Somebody who signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

struct Leaf {
    certificate: CertificateDer<'static>,
    certificate_pem: String,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn leaf(&self, name: &str) -> Leaf {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        Leaf { certificate_pem: certificate.pem(), certificate: certificate.der().clone(), key }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        roots
    }
}

/// What a server speaks, and whom it asks for a certificate.
struct Terms<'a> {
    protocols: &'a [&'a [u8]],
    clients_of: Option<&'a Authority>,
}

const BOTH: Terms<'static> = Terms { protocols: &[b"h2", b"http/1.1"], clients_of: None };

/// A server that answers with the version that it was asked in.
async fn serve(leaf: Leaf, terms: Terms<'_>) -> SocketAddr {
    let provider = Arc::new(ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = match terms.clients_of {
        Some(authority) => {
            let roots = Arc::new(authority.roots());
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build().unwrap();
            builder.unwrap().with_client_cert_verifier(verifier)
        }
        None => builder.unwrap().with_no_client_auth(),
    };
    let key = PrivateKeyDer::try_from(leaf.key.serialize_der()).unwrap();
    let mut config = builder.with_single_cert(vec![leaf.certificate], key).unwrap();
    config.alpn_protocols = terms.protocols.iter().map(|name| name.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = service_fn(async |request: Request<Incoming>| {
                    let version = Bytes::from(format!("{:?}", request.version()));
                    Ok::<_, Infallible>(Response::new(Full::new(version)))
                });
                let _ = auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    addr
}

fn trusting(authority: &Authority) -> HttpClientBuilder {
    HttpClient::builder().without_proxy().roots_pem(authority.0.pem())
}

async fn version(client: &HttpClient, addr: SocketAddr) -> Result<Bytes, HttpClientError> {
    get(client, &format!("https://localhost:{}/s3cret", addr.port())).await.map(|answer| answer.body)
}

/// The cause that is told when there is no connection.
async fn refusal(client: &HttpClient, addr: SocketAddr) -> String {
    match version(client, addr).await {
        Err(HttpClientError::Connection(cause)) => cause,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_newest_version_that_the_server_speaks_is_spoken() {
    let authority = Authority::new();
    let client = trusting(&authority).build().unwrap();
    let addr = serve(authority.leaf("localhost"), BOTH).await;
    assert_eq!(version(&client, addr).await.unwrap(), "HTTP/2.0");
    let terms = Terms { protocols: &[b"http/1.1"], ..BOTH };
    let addr = serve(authority.leaf("localhost"), terms).await;
    assert_eq!(version(&client, addr).await.unwrap(), "HTTP/1.1");
    let addr = serve(authority.leaf("localhost"), Terms { protocols: &[], ..BOTH }).await;
    assert_eq!(version(&client, addr).await.unwrap(), "HTTP/1.1");
}

#[tokio::test]
async fn a_stranger_s_certificate_is_refused() {
    let (authority, other) = (Authority::new(), Authority::new());
    let addr = serve(other.leaf("localhost"), BOTH).await;
    let cause = refusal(&trusting(&authority).build().unwrap(), addr).await;
    assert!(cause.contains("certificate"), "{cause}");
    let by_the_system = HttpClient::builder().without_proxy().build().unwrap();
    let cause = refusal(&by_the_system, addr).await;
    assert!(cause.contains("certificate"), "{cause}");
}

#[tokio::test]
async fn a_certificate_of_another_host_is_refused() {
    let authority = Authority::new();
    let addr = serve(authority.leaf("example.com"), BOTH).await;
    let cause = refusal(&trusting(&authority).build().unwrap(), addr).await;
    assert!(cause.contains("not valid for name"), "{cause}");
}

#[tokio::test]
async fn a_certificate_of_our_own_is_shown_to_who_asks_for_it() {
    let authority = Authority::new();
    let own = authority.leaf("client");
    let terms = Terms { clients_of: Some(&authority), ..BOTH };
    let addr = serve(authority.leaf("localhost"), terms).await;
    let client = trusting(&authority)
        .client_certificate_pem(own.certificate_pem, own.key.serialize_pem())
        .build()
        .unwrap();
    assert_eq!(version(&client, addr).await.unwrap(), "HTTP/2.0");
    assert!(version(&trusting(&authority).build().unwrap(), addr).await.is_err());
}

#[tokio::test]
async fn what_is_no_certificate_is_said_at_the_start() {
    let authority = Authority::new();
    let (own, other) = (authority.leaf("client"), authority.leaf("client"));
    let error = HttpClient::builder().roots_pem("s3cret").build().unwrap_err();
    assert_eq!(error.place(), "roots_pem");
    assert!(
        error.message().contains("BEGIN CERTIFICATE") && !error.to_string().contains("s3cret"),
        "{error}"
    );
    for (certificate, key) in [
        ("s3cret".to_owned(), own.key.serialize_pem()),
        (own.certificate_pem.clone(), "s3cret".to_owned()),
        (own.certificate_pem, other.key.serialize_pem()),
    ] {
        let error = trusting(&authority).client_certificate_pem(certificate, key).build().unwrap_err();
        assert_eq!(error.place(), "client_certificate_pem");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}

/// A proxy that opens a tunnel sees neither the certificate's key nor the request.
#[tokio::test]
async fn an_https_host_is_reached_through_a_tunnel() {
    let authority = Authority::new();
    let addr = serve(authority.leaf("localhost"), BOTH).await;
    let proxy = crate::proxies::Tunnels::start().await;
    let client =
        trusting(&authority).proxy(format!("http://user:pass%40word@{}", proxy.addr)).build().unwrap();
    assert_eq!(version(&client, addr).await.unwrap(), "HTTP/2.0");
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with(&format!("CONNECT localhost:{} HTTP/1.1\r\n", addr.port())), "{heads:?}");
    // user:pass@word
    assert!(heads[0].to_ascii_lowercase().contains("proxy-authorization: basic dxnlcjpwyxnzqhdvcmq=\r\n"));
}
