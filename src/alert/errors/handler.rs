//! From reports to alerts: one for each endpoint and type of error.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tower_watch_layers::observe::ObserveLayer;

use crate::alert::errors::ErrorReport;
use crate::alert::{Alert, Alerts, Severity};

/// How many alerts are told apart at a time; those beyond are one of the endpoint and type `_other`.
const MOST: usize = 1_000;

/// How long a label may be, in characters.
const LABEL: usize = 128;

/// How long the text of an error may be, in characters.
const TEXT: usize = 500;

/// The endpoint and the type of what is too many.
const OTHER: &str = "_other";

/// Where alerts go. It must not wait: it is called on the way of a request.
pub trait Raise: Send + Sync + 'static {
    /// Raises an alert, or renews the one with the same labels.
    fn raise(&self, alert: Alert);

    /// The time, in milliseconds since the Unix epoch.
    fn now(&self) -> i64;
}

impl Raise for Alerts {
    fn raise(&self, alert: Alert) {
        Self::raise(self, alert);
    }

    fn now(&self) -> i64 {
        self.engine.as_ref().map_or(0, |engine| engine.present())
    }
}

type Classifier = dyn Fn(&ErrorReport<'_>) -> Option<Severity> + Send + Sync;

/// Raises alerts for critical errors and panics; see [`errors`](crate::alert::errors). A clone is the same.
#[derive(Clone)]
pub struct ErrorAlerts {
    raise: Arc<dyn Raise>,
    classifier: Arc<Classifier>,
    resolve_after: Duration,
    shows: bool,
    known: Arc<Mutex<HashMap<Key, Known>>>,
}

/// Which alert it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    name: &'static str,
    endpoint: String,
    error_type: String,
}

/// An alert that fires.
#[derive(Clone, Debug)]
struct Known {
    severity: Severity,
    starts_at: i64,
    raised_at: i64,
    ends_at: i64,
    count: u64,
}

impl ErrorAlerts {
    /// Raises alerts here: mostly [`Watch::alerts`](crate::Watch::alerts). A panic is critical, and so is an error that
    /// somebody reports with its cause; each alert ends five minutes after it happened last.
    pub fn new(raise: impl Raise) -> Self {
        Self {
            raise: Arc::new(raise),
            classifier: Arc::new(|report| {
                (report.is_panic || report.error.is_some()).then_some(Severity::Critical)
            }),
            resolve_after: Duration::from_secs(300),
            shows: false,
            known: Arc::default(),
        }
    }

    /// Says what is worth an alert, and how bad it is. It is asked for each failure, on the way of the request, so it must
    /// not wait. If it panics, the report counts as critical.
    #[must_use]
    pub fn with_classifier(
        mut self,
        classifier: impl Fn(&ErrorReport<'_>) -> Option<Severity> + Send + Sync + 'static,
    ) -> Self {
        self.classifier = Arc::new(classifier);
        self
    }

    /// How long after it happened last an alert ends: to a tenth more. Five minutes.
    #[must_use]
    pub fn with_resolve_after(mut self, time: Duration) -> Self {
        self.resolve_after = time;
        self
    }

    /// Writes the text of errors and of their causes into the annotation `error`. By default it is only in the log: it can
    /// hold what the readers of a channel should not see.
    #[must_use]
    pub fn showing_errors(mut self) -> Self {
        self.shows = true;
        self
    }

    /// A layer that sees panics and failures: inside of the watch, around the routes.
    #[must_use]
    pub fn layer(&self) -> ObserveLayer<Self> {
        ObserveLayer::new(self.clone())
    }

    /// Raises an alert for it, where the classifier says that it is worth one.
    pub fn report(&self, report: &ErrorReport<'_>) {
        // Whoever reports may be in the middle of a panic, where a second one would end the process.
        let judged = catch_unwind(AssertUnwindSafe(|| (self.classifier)(report)));
        let Some(severity) = judged.unwrap_or(Some(Severity::Critical)) else { return };
        let now = self.raise.now();
        if let Some((key, known)) = self.note(report, &severity, now) {
            let _ = catch_unwind(AssertUnwindSafe(|| self.raise.raise(self.alert(&key, &known, report))));
        }
    }

    /// Notes that it happened, and says which alert to raise or renew: none where that was done a moment ago.
    fn note(&self, report: &ErrorReport<'_>, severity: &Severity, now: i64) -> Option<(Key, Known)> {
        let name = if report.is_panic { "Panic" } else { "CriticalError" };
        let (endpoint, error_type) = (cut(&report.endpoint, LABEL), cut(&report.error_type, LABEL));
        let mut key = Key { name, endpoint: endpoint.to_owned(), error_type: error_type.to_owned() };
        let resolve_after = i64::try_from(self.resolve_after.as_millis()).unwrap_or(i64::MAX / 4);
        let often = resolve_after / 10;
        let ends_at = now.saturating_add(resolve_after).saturating_add(often);
        let mut known = self.known();
        if known.len() >= MOST && !known.contains_key(&key) {
            known.retain(|_, known| known.ends_at > now);
            if known.len() >= MOST {
                key = Key { name, endpoint: OTHER.to_owned(), error_type: OTHER.to_owned() };
            }
        }
        let fresh = Known { severity: severity.clone(), starts_at: now, raised_at: now, ends_at, count: 1 };
        let Some(before) = known.get_mut(&key).filter(|before| before.ends_at > now) else {
            known.insert(key.clone(), fresh.clone());
            return Some((key, fresh));
        };
        if severity.rank() < before.severity.rank() {
            // Another alert by its labels; the milder one ends by itself.
            *before = fresh.clone();
            return Some((key, fresh));
        }
        before.count += 1;
        if now < before.raised_at.saturating_add(often) {
            return None;
        }
        (before.raised_at, before.ends_at) = (now, ends_at);
        Some((key, before.clone()))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Key, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn alert(&self, key: &Key, known: &Known, report: &ErrorReport<'_>) -> Alert {
        let place = match &*key.endpoint {
            "" => String::new(),
            endpoint => format!(" at {endpoint}"),
        };
        let summary = match report.is_panic {
            true => format!("A handler panicked{place}"),
            false => format!("{}{place}", key.error_type),
        };
        let mut alert = Alert::new(key.name)
            .label("endpoint", key.endpoint.clone())
            .label("error_type", key.error_type.clone())
            .severity(known.severity.clone())
            .annotate("summary", summary)
            .annotate("occurrences", known.count.to_string());
        let ids = [("request_id", &report.request_id), ("trace_id", &report.trace_id)];
        for (name, id) in ids {
            if let Some(id) = id {
                alert = alert.annotate(name, id);
            }
        }
        if let Some(error) = report.error.filter(|_| self.shows) {
            alert = alert.annotate("error", text(error));
        }
        alert.starts_at = known.starts_at;
        alert.ends_at = Some(known.ends_at);
        alert
    }
}

impl fmt::Debug for ErrorAlerts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorAlerts").field("resolve_after", &self.resolve_after).finish_non_exhaustive()
    }
}

/// The error and its causes, on one line.
fn text(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause.filter(|_| text.len() < 4 * TEXT) {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    cut(&text, TEXT).to_owned()
}

fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}
