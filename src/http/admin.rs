//! The listener beside the application's: where operators and their tools look.
//!
//! It has a thread and a runtime of its own, so it answers when the executor of the application is stuck, which is
//! when somebody will ask. It binds when it is made and not later, so that a port that is taken shows at the start.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread;

use axum::Router;
use tokio::runtime;
use tokio::sync::oneshot;

use crate::http::access::Access;
use crate::http::connections;
use crate::http::token::AccessToken;

/// Where the admin listener listens, and whom it lets in.
///
/// On the loopback it asks for no token unless it is given one; bound to anything else it does not start without.
/// `/metrics` and `/health/liveness` are open to all who reach it. See [`Access`] for the rules.
#[derive(Clone, Debug)]
#[must_use = "nothing listens before it is bound"]
pub struct Admin {
    address: SocketAddr,
    token: Option<AccessToken>,
    open: Vec<String>,
}

impl Default for Admin {
    /// 127.0.0.1:9901, no token.
    fn default() -> Self {
        let open = ["/metrics", "/health/liveness"].map(str::to_owned).into();
        Self { address: ([127, 0, 0, 1], 9901).into(), token: None, open }
    }
}

impl Admin {
    /// The same as the default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes where it listens. Port 0 takes a free one, which [`AdminServer::address`] names.
    pub fn with_address(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = address.into();
        self
    }

    /// Asks for a token.
    pub fn with_token(mut self, token: AccessToken) -> Self {
        self.token = Some(token);
        self
    }

    /// Leaves one more path open for those without the token.
    pub fn with_open(mut self, path: impl Into<String>) -> Self {
        self.open.push(path.into());
        self
    }

    /// Whether it could start, as far as that can be known without trying.
    ///
    /// # Errors
    ///
    /// [`AdminError::NeedsToken`].
    pub fn check(&self) -> Result<(), AdminError> {
        self.access().map(|_| ())
    }

    fn access(&self) -> Result<Access, AdminError> {
        let access = match (&self.token, self.address.ip().to_canonical().is_loopback()) {
            (None, true) => Access::loopback(),
            (Some(token), true) => Access::loopback().with_token(token.clone()),
            (Some(token), false) => Access::token(token.clone()),
            (None, false) => return Err(AdminError::NeedsToken { address: self.address }),
        };
        Ok(self.open.iter().fold(access, Access::with_open))
    }

    /// Binds, and serves the router behind the gate from a thread of its own. Needs no async runtime.
    ///
    /// # Errors
    ///
    /// See [`AdminError`].
    pub fn bind(&self, router: Router) -> Result<AdminServer, AdminError> {
        let router = self.access()?.guard(router);
        let failed = |source| AdminError::Bind { address: self.address, source };
        let listener = TcpListener::bind(self.address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, told) = oneshot::channel();
        let (ended, end) = oneshot::channel();
        let (ready, started) = mpsc::channel();
        let serve = move || {
            // Made here, since a runtime must not be dropped inside of another one, where we may be called.
            let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build();
            let outcome = runtime.and_then(|runtime| {
                let _context = runtime.enter();
                tokio::net::TcpListener::from_std(listener).map(|listener| (runtime, listener))
            });
            match outcome {
                Ok((runtime, listener)) => {
                    let _ = ready.send(Ok(()));
                    runtime.block_on(connections::serve(listener, router, told));
                }
                Err(error) => drop(ready.send(Err(error))),
            }
            // Nobody need wait for it.
            let _ = ended.send(());
        };
        thread::Builder::new().name("tower-watch-admin".into()).spawn(serve).map_err(AdminError::Thread)?;
        started.recv().unwrap_or_else(|gone| Err(io::Error::other(gone))).map_err(AdminError::Thread)?;
        Ok(AdminServer { address, stop, end })
    }
}

/// The admin listener at work. Dropping it stops it, without waiting for what is under way.
#[derive(Debug)]
#[must_use = "it stops when it is dropped"]
pub struct AdminServer {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    end: oneshot::Receiver<()>,
}

impl AdminServer {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leaves it to serve as long as the process lives.
    pub fn detach(self) {
        std::mem::forget(self.stop);
    }

    /// Takes no more connections, and waits until requests under way are answered, at most five seconds. Can be
    /// awaited in any runtime.
    pub async fn stop(self) {
        let Self { stop, end, .. } = self;
        drop(stop);
        // Either way it has ended.
        let _ = end.await;
    }
}

/// Why there is no admin listener.
#[derive(Debug)]
#[non_exhaustive]
pub enum AdminError {
    /// Others can reach it, and nothing would keep them out.
    NeedsToken {
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// The address cannot be had.
    Bind {
        /// Where it was to listen.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// There is no thread, or no runtime, to be had.
    Thread(io::Error),
}

impl fmt::Display for AdminError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedsToken { address } => write!(
                f,
                "the admin listener on {address} can be reached from other machines and has no token; give it one \
                 with Admin::with_token, or listen on 127.0.0.1"
            ),
            Self::Bind { address, source } => {
                let mend = match source.kind() {
                    io::ErrorKind::AddrInUse => {
                        "; stop what listens there, or choose another port with Admin::with_address (0 takes a free one)"
                    }
                    io::ErrorKind::AddrNotAvailable => {
                        "; choose an address of this machine with Admin::with_address"
                    }
                    io::ErrorKind::PermissionDenied => "; choose a port above 1023 with Admin::with_address",
                    _ => "",
                };
                write!(f, "the admin listener cannot listen on {address}: {source}{mend}")
            }
            Self::Thread(source) => write!(f, "the admin listener has no thread to run on: {source}"),
        }
    }
}

impl std::error::Error for AdminError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NeedsToken { .. } => None,
            Self::Bind { source, .. } | Self::Thread(source) => Some(source),
        }
    }
}
