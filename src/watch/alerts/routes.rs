//! What the alerts add to the admin listener.

use crate::http::AdminRoutes;
use crate::watch::alerts::handle::Alerting;

impl Alerting {
    pub(crate) fn add_routes(&self, routes: AdminRoutes) -> AdminRoutes {
        routes
    }
}
