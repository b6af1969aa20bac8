//! Who may come in.
//!
//! | | no token configured | a token configured |
//! |---|---|---|
//! | bound to the loopback | everything, for a loopback `Host` | what is open, for a loopback `Host`; everything with the token |
//! | reached from elsewhere | cannot be | what is open; everything with the token |
//!
//! Beside that, nothing answers what a page of another site sent, unless it has the token as `Bearer`, which no page
//! can know that was not given it. Open are the exposition and the liveness probe, which scrapers and kubelets ask
//! without credentials. A check costs a look at three or four headers.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use crate::http::host::{is_cross_site, is_loopback};
use crate::http::refusal::Refusal;
use crate::http::token::AccessToken;

/// A gate around a router.
#[derive(Clone, Debug)]
pub struct Access {
    token: Option<AccessToken>,
    /// Whether only processes of this machine can connect, so that everything else is a browser that was fooled.
    loopback: bool,
    open: Arc<Vec<String>>,
}

impl Access {
    /// For what is bound to the loopback: no token, but a loopback name in `Host`.
    #[must_use]
    pub fn loopback() -> Self {
        Self { token: None, loopback: true, open: Arc::default() }
    }

    /// For what is reached from elsewhere, and for what is nested into the application: the token.
    #[must_use]
    pub fn token(token: AccessToken) -> Self {
        Self { token: Some(token), loopback: false, open: Arc::default() }
    }

    /// Asks for a token on the loopback too. With it any `Host` will do, as behind a proxy.
    #[must_use]
    pub fn with_token(mut self, token: AccessToken) -> Self {
        self.token = Some(token);
        self
    }

    /// Leaves one path of the router open for those without the token.
    #[must_use]
    pub fn with_open(mut self, path: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.open).push(path.into());
        self
    }

    /// Puts the gate around all that is in a router by now, its fallback included.
    pub fn guard<S>(&self, router: Router<S>) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        router.layer(from_fn_with_state(self.clone(), enter))
    }

    fn check(&self, head: &Parts) -> Result<(), Refusal> {
        let presented = head.headers.get(header::AUTHORIZATION);
        let has_token =
            self.token.as_ref().zip(presented).is_some_and(|(token, presented)| token.opens(presented));
        // A browser adds the password that it remembers to whatever a page sends, and never a Bearer token.
        let is_bearer = presented.is_some_and(|value| {
            value.as_bytes().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
        });
        if !(has_token && is_bearer) && is_cross_site(head) {
            return Err(Refusal::CrossSite);
        }
        if has_token {
            return Ok(());
        }
        let is_open = || self.open.iter().any(|path| path == head.uri.path());
        if self.token.is_some() && !is_open() {
            return Err(Refusal::NoToken);
        }
        if self.loopback && !is_loopback(head) { Err(Refusal::ForeignHost) } else { Ok(()) }
    }
}

async fn enter(State(access): State<Access>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match access.check(&head) {
        Ok(()) => next.run(Request::from_parts(head, body)).await,
        Err(refusal) => refusal.into_response(),
    }
}
