//! An error of a handler: an alert for the operators, a safe 500 for the client.

use std::error::Error;

use crate::alert::errors::{ErrorAlerts, ErrorReport};
use crate::problem::Problem;

impl ErrorAlerts {
    /// Reports an error of a handler, and answers it: `fetch().map_err(|error| errors.problem(error, "fetch_failed"))?`.
    ///
    /// The client gets a 500 with the request id. The error and its causes go to the log, and the exchange counts as an error
    /// of this type in metrics, traces and logs. The type is the label `error_type`: one name for one kind of failure.
    #[must_use]
    pub fn problem(
        &self,
        error: impl Into<Box<dyn Error + Send + Sync>>,
        error_type: &'static str,
    ) -> Problem {
        let error = error.into();
        let mut report = ErrorReport::current(error_type).with_error(&*error);
        report.status = Some(500);
        self.report(&report);
        Problem::of(error).with_error_type(error_type)
    }
}
