//! reqwest as a service over `http` types.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use reqwest::{Body, Client, ClientBuilder, Error, redirect};
use tower::Service;

/// reqwest as a service that takes `http::Request` and gives `http::Response`, so that layers fit around it.
///
/// ```no_run
/// # async fn send() -> Result<(), Box<dyn std::error::Error>> {
/// use tower::{ServiceBuilder, ServiceExt};
/// use tower_watch::Watch;
/// use tower_watch::client::ReqwestService;
///
/// let watch = Watch::builder("shop").start()?;
/// let client = ServiceBuilder::new().layer(watch.client()).service(ReqwestService::new()?);
/// let request = http::Request::get("https://orders.internal/orders/7").body("")?;
/// let response = client.oneshot(request).await?;
/// println!("{}", response.status());
/// # Ok(())
/// # }
/// ```
///
/// It costs one parsing of the URL, as reqwest keeps URLs of another type.
#[derive(Clone, Debug)]
pub struct ReqwestService {
    client: Client,
}

impl ReqwestService {
    /// A client with reqwest's defaults, but for redirects: those to another host are handed back instead of followed,
    /// because reqwest would take the request id and the tenant along.
    ///
    /// # Errors
    ///
    /// Where reqwest cannot set up TLS: mostly, no system certificates.
    pub fn new() -> Result<Self, Error> {
        let stays = |attempt: redirect::Attempt<'_>| {
            let from = attempt
                .previous()
                .last()
                .map(|url| (url.scheme(), url.host_str(), url.port_or_known_default()));
            let to =
                (attempt.url().scheme(), attempt.url().host_str(), attempt.url().port_or_known_default());
            match from {
                Some(from) if from != to => attempt.stop(),
                _ if attempt.previous().len() > MOST_REDIRECTS => attempt.error("too many redirects"),
                _ => attempt.follow(),
            }
        };
        reqwest_builder().redirect(redirect::Policy::custom(stays)).build().map(Self::from)
    }
}

/// As reqwest's own default.
const MOST_REDIRECTS: usize = 10;

/// A client of one's own.
impl From<Client> for ReqwestService {
    fn from(client: Client) -> Self {
        Self { client }
    }
}

/// reqwest's builder, with ring as the process's provider of cryptography where there is none yet: without one, building a
/// client panics.
pub fn reqwest_builder() -> ClientBuilder {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails where another thread was faster, and then there is one too.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    Client::builder()
}

impl<B: Into<Body>> Service<Request<B>> for ReqwestService {
    type Response = Response<Body>;
    type Error = Error;
    type Future = ReqwestFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Service::<reqwest::Request>::poll_ready(&mut self.client, cx)
    }

    fn call(&mut self, request: Request<B>) -> ReqwestFuture {
        ReqwestFuture(match reqwest::Request::try_from(request) {
            Ok(request) => State::Sent(self.client.call(request)),
            Err(error) => State::Failed(Some(error)),
        })
    }
}

/// The response future of [`ReqwestService`].
#[derive(Debug)]
pub struct ReqwestFuture(State);

#[derive(Debug)]
enum State {
    Sent(<Client as Service<reqwest::Request>>::Future),
    /// The URL is none.
    Failed(Option<Error>),
}

impl Future for ReqwestFuture {
    type Output = Result<Response<Body>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Sent(sent) => Poll::Ready(ready!(Pin::new(sent).poll(cx)).map(Response::from)),
            State::Failed(error) => match error.take() {
                Some(error) => Poll::Ready(Err(error)),
                None => Poll::Pending,
            },
        }
    }
}
