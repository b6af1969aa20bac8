//! Failures that nobody reports: panics, 5xx, errors of the service.

use tower_watch_layers::classify::Outcome;
use tower_watch_layers::observe::{End, Exchange, Observer, Start};

use crate::alert::errors::{ErrorAlerts, ErrorReport};

/// One exchange that [`ErrorAlerts`] looks at.
#[derive(Debug)]
pub struct ErrorExchange {
    alerts: ErrorAlerts,
}

impl Observer for ErrorAlerts {
    type Exchange = ErrorExchange;

    fn begin(&self, _: &mut Start<'_>) -> Option<ErrorExchange> {
        Some(ErrorExchange { alerts: self.clone() })
    }
}

impl Exchange for ErrorExchange {
    fn end(self, end: &End<'_>) {
        let Some(error) = end.error().filter(|_| !end.slot.is_off()) else { return };
        let mut report = ErrorReport::new(error.name()).of(end.slot);
        report.status = end.status.map(|status| status.as_u16());
        report.is_panic = end.outcome == Outcome::Panicked;
        self.alerts.report(&report);
    }
}
