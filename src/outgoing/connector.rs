//! A connection to a host: direct, to a proxy, or through one, and then TLS.

use std::error::Error;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::Service;

use crate::outgoing::proxies::Proxies;
use crate::outgoing::tls::Tls;

type BoxError = Box<dyn Error + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

/// Connects, within a time that covers name, connection, proxy and TLS.
#[derive(Clone)]
pub(crate) struct Connector {
    dial: Dial,
    tls: Arc<Tls>,
    timeout: Duration,
}

impl Connector {
    pub(crate) fn new(proxies: Arc<Proxies>, tls: Tls, timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(TCP_KEEPALIVE));
        tcp.set_connect_timeout(Some(timeout));
        Self { dial: Dial { tcp, proxies }, tls: Arc::new(tls), timeout }
    }

    async fn connect(mut self, target: Uri) -> Result<MaybeHttpsStream<Dialed>, BoxError> {
        if target.scheme() == Some(&Scheme::HTTP) {
            return self.dial.call(target).await.map(MaybeHttpsStream::Http);
        }
        let config = self.tls.config().await?;
        HttpsConnector::from((self.dial, config)).call(target).await
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Dialed>;
    type Error = BoxError;
    type Future = Connecting<MaybeHttpsStream<Dialed>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let timeout = self.timeout;
        let connecting = tokio::time::timeout(timeout, self.clone().connect(target));
        Box::pin(async move {
            connecting.await.unwrap_or_else(|_| Err(format!("not connected within {timeout:?}").into()))
        })
    }
}

/// Connects without TLS.
#[derive(Clone)]
struct Dial {
    tcp: HttpConnector,
    proxies: Arc<Proxies>,
}

impl Service<Uri> for Dial {
    type Response = Dialed;
    type Error = BoxError;
    type Future = Connecting<Dialed>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let Self { mut tcp, proxies } = self.clone();
        Box::pin(async move {
            let Some(proxy) = proxies.proxy_for(&target) else {
                return Ok(Dialed { io: tcp.call(target).await?, is_to_proxy: false });
            };
            if target.scheme() == Some(&Scheme::HTTP) {
                return Ok(Dialed { io: tcp.call(proxy.uri().clone()).await?, is_to_proxy: true });
            }
            let mut tunnel = Tunnel::new(proxy.uri().clone(), tcp);
            if let Some(credential) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(credential.clone());
            }
            Ok(Dialed { io: tunnel.call(target).await?, is_to_proxy: false })
        })
    }
}

/// A connection over which HTTP or TLS is spoken.
pub(crate) struct Dialed {
    io: TokioIo<TcpStream>,
    /// The other end is a proxy that wants to read whole URLs.
    is_to_proxy: bool,
}

impl Connection for Dialed {
    fn connected(&self) -> Connected {
        self.io.inner().connected().proxy(self.is_to_proxy)
    }
}

impl Read for Dialed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, into)
    }
}

impl Write for Dialed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }
}
