//! The admin listener of a watch, and its routes nested into the application.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use tower_watch_layers::observe::RouteLayer;
use tower_watch_layers::policy::RoutePolicy;

use crate::Endpoints;
use crate::http::{Access, AccessToken, Admin, AdminRoutes, AdminServer};
use crate::registers::Registers;
use crate::watch::alerts::Alerting;
use crate::watch::endpoints;
use crate::watch::error::Problems;
use crate::watch::past::Past;
use crate::watch::{Preset, WatchBuilder};

/// What there is to say about it.
#[derive(Debug, Default)]
pub(crate) struct AdminSettings {
    listener: Listener,
    nested: Option<(String, AccessToken)>,
}

#[derive(Debug, Default)]
enum Listener {
    /// As the preset has it; where the port is taken, there is none.
    #[default]
    Preset,
    Asked(Admin),
    Never,
}

impl WatchBuilder {
    /// Says where the admin listener listens and whom it lets in. Without this, a watch that is not
    /// [`local`](Self::local) listens on 127.0.0.1:9901 if that is free, unless the preset is `Fleet`.
    pub fn admin(mut self, admin: Admin) -> Self {
        self.admin.listener = Listener::Asked(admin);
        self
    }

    /// Listens nowhere.
    pub fn without_admin(mut self) -> Self {
        self.admin.listener = Listener::Never;
        self
    }

    /// Nests what the admin listener has into [`Watch::router`](crate::Watch::router) under this path (`/watch`), for
    /// those with the token. `/metrics` and `/health/liveness` below it are open to all. A slash at its end makes no
    /// difference.
    pub fn nest_admin(mut self, path: impl Into<String>, token: AccessToken) -> Self {
        self.admin.nested = Some((path.into(), token));
        self
    }
}

impl AdminSettings {
    pub(crate) fn check(&self, endpoints: &Endpoints, problems: &mut Problems) {
        if let Listener::Asked(admin) = &self.listener {
            problems.ok("admin", admin.check());
        }
        if let Some((path, _)) = &self.nested
            && let Some(mend) = endpoints::fault(path).or_else(|| clash(path, endpoints))
        {
            problems.add("nest_admin", format_args!("{path:?}: {mend}"));
        }
    }

    /// Paths that are not observed.
    pub(crate) fn paths(&self) -> Vec<String> {
        let nested = self.nested.iter();
        nested.flat_map(|(path, _)| [base(path).to_owned(), format!("{}/*", base(path))]).collect()
    }

    /// Binds the listener. What cannot be is a problem where it was asked for, and a warning where it was not.
    pub(crate) fn start(
        self,
        (preset, local): (Preset, bool),
        service: &str,
        registers: &Registers,
        (past, alerting): (&Past, &Alerting),
        problems: &mut Problems,
    ) -> AdminHandle {
        let routes = past.add_routes(AdminRoutes::new(service, registers), registers);
        let routes = alerting.add_routes(routes);
        let server = match self.listener {
            Listener::Never => None,
            Listener::Preset if local || preset == Preset::Fleet => None,
            Listener::Preset => match Admin::new().bind(routes.clone().into_router()) {
                Ok(server) => Some(server),
                Err(error) => {
                    tracing::warn!("{error}; or leave it out with without_admin(). Going on without it");
                    None
                }
            },
            Listener::Asked(admin) => problems.ok("admin", admin.bind(routes.clone().into_router())),
        };
        let address = server.as_ref().map(AdminServer::address);
        if let Some(address) = address {
            tracing::info!("admin listener on http://{address}");
        }
        let running = Arc::new(Running { server: Mutex::new(server), outlives: AtomicBool::new(false) });
        AdminHandle {
            running,
            address,
            nested: self.nested.map(|(path, token)| Nested { path, token, routes }),
        }
    }
}

/// Where it is nested, without a slash at the end.
fn base(path: &str) -> &str {
    path.trim_end_matches('/')
}

/// Why the router would refuse this path, which it does by panicking.
fn clash(path: &str, endpoints: &Endpoints) -> Option<&'static str> {
    if base(path).is_empty() {
        return Some("the root is the application's; choose a path below it, such as \"/watch\"");
    }
    let taken = endpoints.paths().any(|own| base(own) == base(path));
    taken.then_some("another route of the watch is there; move one of them")
}

/// The admin side of a watch that was started.
#[derive(Debug)]
pub(crate) struct AdminHandle {
    running: Arc<Running>,
    address: Option<SocketAddr>,
    nested: Option<Nested>,
}

/// The listener, as long as anybody holds this.
#[derive(Debug)]
pub(crate) struct Running {
    server: Mutex<Option<AdminServer>>,
    /// Whether it is to go on when nobody does.
    outlives: AtomicBool,
}

impl Drop for Running {
    fn drop(&mut self) {
        let server = self.server.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(server) = server
            && *self.outlives.get_mut()
        {
            server.detach();
        }
    }
}

#[derive(Debug)]
struct Nested {
    path: String,
    token: AccessToken,
    routes: AdminRoutes,
}

impl AdminHandle {
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// What keeps the listener.
    pub(crate) fn running(&self) -> Arc<Running> {
        Arc::clone(&self.running)
    }

    /// Has the listener go on as long as the process, as the global recorder does.
    pub(crate) fn outlive(&self) {
        self.running.outlives.store(true, Ordering::Relaxed);
    }

    /// Adds what is nested into the application.
    pub(crate) fn nest<S>(&self, router: Router<S>) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let Some(Nested { path, token, routes }) = &self.nested else { return router };
        let off = RouteLayer::new(RoutePolicy::new().off());
        let guarded = Access::token(token.clone())
            .with_open("/metrics")
            .with_open("/health/liveness")
            .guard(routes.clone().into_router());
        router.nest_service(base(path), guarded.layer(off))
    }

    /// Stops the listener, when what is under way is answered.
    pub(crate) async fn finish(&self) {
        let server = self.running.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(server) = server {
            server.stop().await;
        }
    }
}
