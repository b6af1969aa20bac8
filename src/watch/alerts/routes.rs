//! What the alerts add to the admin listener.

use crate::http::{AdminRoutes, AlertApi};
use crate::watch::alerts::handle::Alerting;

impl Alerting {
    pub(crate) fn add_routes(&self, routes: AdminRoutes) -> AdminRoutes {
        if self.alerts.is_on() { routes.with_alert_api(AlertApi::new(self.alerts.clone())) } else { routes }
    }
}
