//! Labels of the application's own.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderName, HeaderValue};

use crate::cache::{Capped, Limit};
use crate::caught;
use crate::clock::Clock;
use crate::observe::End;
use crate::route::OTHER;

/// A label of the application's own on the request metrics (`http_requests_in_flight` excepted), with a cap on its
/// values: past it, and for a value of more than 1,024 bytes, `_other`.
///
/// Its value is, the strongest first: what the handler set
/// ([`RequestContext::set_label`](crate::context::RequestContext::set_label)), what the route's layer or the policy
/// table says ([`RoutePolicy::label`](crate::policy::RoutePolicy::label)), what its own source found in the
/// request; else it is empty, which for Prometheus is no label.
///
/// Each declared label multiplies the number of series by its values, and costs a request a lookup; all of them
/// together cost it one allocation, two where one is read from the request, and what a function of one's own allocates.
#[derive(Clone)]
pub struct Label {
    name: &'static str,
    source: Source,
    /// The only values, where they are known.
    values: Option<BTreeSet<String>>,
    cap: usize,
}

type FromHead = dyn Fn(&Parts) -> Option<String> + Send + Sync;

#[derive(Clone)]
enum Source {
    /// Policies and handlers only.
    Set,
    Header(HeaderName),
    Function(Arc<FromHead>),
    Tenant,
}

/// A label that cannot be, with the mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelError {
    name: String,
    mend: &'static str,
}

impl fmt::Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "label {:?}: {}", self.name, self.mend)
    }
}

impl std::error::Error for LabelError {}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Label")
            .field("name", &self.name)
            .field("values", &self.values)
            .field("cap", &self.cap)
            .finish_non_exhaustive()
    }
}

/// What the metrics, their rules or Prometheus itself use already.
const TAKEN: [&str; 16] = [
    "method",
    "endpoint",
    "status",
    "grpc_status",
    "error_type",
    "reason",
    "http_request_method",
    "http_route",
    "http_response_status_code",
    "rpc_grpc_status_code",
    "url_scheme",
    "le",
    "quantile",
    "job",
    "instance",
    "alertname",
];

const DEFAULT_CAP: usize = 50;

impl Label {
    /// A label that policies and handlers set, with up to 50 values. Its name is checked where it is declared.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, source: Source::Set, values: None, cap: DEFAULT_CAP }
    }

    /// Whether Prometheus takes the name, and nobody else has.
    pub(crate) fn check(&self) -> Result<(), LabelError> {
        let name = self.name;
        let error = |mend| Err(LabelError { name: name.to_owned(), mend });
        let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let goes_on = name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
        match () {
            () if !(starts && goes_on) => error(
                "a name starts with a letter or an underscore and goes on with letters, digits and underscores",
            ),
            () if name.starts_with("__") => {
                error("names that start with two underscores are Prometheus' own; drop one")
            }
            () if self.most_values() == 0 => error("it can take no value; give it a cap above 0, or values"),
            () if TAKEN.contains(&name) => error("the name is taken; choose another"),
            () => Ok(()),
        }
    }

    /// Only these values; any other is `_other`.
    #[must_use]
    pub fn values<V: Into<String>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.values = Some(values.into_iter().map(Into::into).collect());
        self
    }

    /// The most values that are told apart.
    #[must_use]
    pub fn cap(mut self, cap: usize) -> Self {
        self.cap = cap;
        self
    }

    /// Takes the value from a header of the request. As the client writes it, only `values` are let through.
    #[must_use]
    pub fn from_header<V: Into<String>>(
        mut self,
        header: HeaderName,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.source = Source::Header(header);
        self.values(values)
    }

    /// Takes the value from a function of the request's head, which decides what a value can be: each takes a place
    /// under the cap for good. Where it panics, it has said nothing.
    #[must_use]
    pub fn from_fn(mut self, value: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.source = Source::Function(Arc::new(value));
        self
    }

    /// Takes the tenant as the value: the product of tenants and endpoints. For most,
    /// [`TenantMetrics`](crate::red::TenantMetrics) is enough, at a fraction of the series; which tenants take a place
    /// is as there.
    #[must_use]
    pub fn from_tenant(mut self) -> Self {
        self.source = Source::Tenant;
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the tenant is its value.
    #[must_use]
    pub fn is_tenant(&self) -> bool {
        matches!(self.source, Source::Tenant)
    }

    /// The most values it can take, `_other` aside.
    #[must_use]
    pub fn most_values(&self) -> usize {
        self.values.as_ref().map_or(self.cap, BTreeSet::len)
    }
}

/// The declared labels with the values that they took so far.
#[derive(Debug)]
pub(crate) struct Labels {
    all: Vec<Known>,
    /// Shared, so that neither costs a request an allocation.
    none: Arc<str>,
    other: Arc<str>,
}

/// What a request says about a label. A header's value is shared, not copied.
#[derive(Debug)]
pub(crate) enum Said {
    Header(HeaderValue),
    Text(String),
}

impl Said {
    fn as_str(&self) -> Option<&str> {
        match self {
            Self::Header(value) => value.to_str().ok(),
            Self::Text(text) => Some(text),
        }
    }
}

#[derive(Debug)]
struct Known {
    label: Label,
    values: Capped<Arc<str>>,
}

/// One value per declared label, in their order; empty: none.
pub(crate) type LabelValues = Vec<Arc<str>>;

impl Labels {
    pub(crate) fn new(labels: &[Label]) -> Self {
        let all = labels
            .iter()
            .map(|label| {
                let keys = if label.values.is_some() { 0 } else { label.cap };
                let mut values = Capped::new(Limit { keys, idle: None }, Clock::default());
                values.pin(label.values.iter().flatten().map(String::as_str), |value| Arc::from(value));
                Known { label: label.clone(), values }
            })
            .collect();
        Self { all, none: Arc::from(""), other: Arc::from(OTHER) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.all.iter().map(|known| known.label.name)
    }

    /// What the request itself says, at its start; no allocation where no label asks it.
    pub(crate) fn read(&self, head: &Parts) -> Option<Box<[Option<Said>]>> {
        if self.all.iter().all(|known| matches!(known.label.source, Source::Set | Source::Tenant)) {
            return None;
        }
        let value = |known: &Known| match &known.label.source {
            Source::Header(name) => head.headers.get(name).cloned().map(Said::Header),
            Source::Function(function) => caught::ask("label", || function(head)).flatten().map(Said::Text),
            Source::Set | Source::Tenant => None,
        };
        Some(self.all.iter().map(value).collect())
    }

    /// The values at the end. `overflow` is told the name of a label that was full.
    pub(crate) fn resolve(
        &self,
        end: &End<'_>,
        from_request: &[Option<Said>],
        overflow: impl Fn(&'static str),
    ) -> LabelValues {
        let resolve = |(index, known): (usize, &Known)| {
            let set = end.slot.label(known.label.name);
            let placed = |value: &str, admit: bool| {
                known.values.get(value, admit, || Arc::from(value)).map_or_else(
                    || {
                        overflow(known.label.name);
                        Arc::clone(&self.other)
                    },
                    |value| Arc::clone(&*value),
                )
            };
            match (set, &known.label.source) {
                (Some(value), _) => placed(&value, true),
                (None, Source::Tenant) => end
                    .slot
                    .with_tenant(|tenant, vouched| placed(tenant.as_str(), vouched || end.is_served()))
                    .unwrap_or_else(|| Arc::clone(&self.none)),
                (None, _) => from_request
                    .get(index)
                    .and_then(|said| said.as_ref()?.as_str())
                    .map_or_else(|| Arc::clone(&self.none), |value| placed(value, true)),
            }
        };
        self.all.iter().enumerate().map(resolve).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_is_named_with_the_mend() {
        for bad in ["", "1st", "a-b", "__name", "le", "method", "größe"] {
            let error = Label::new(bad).check().unwrap_err().to_string();
            assert!(error.starts_with(&format!("label {bad:?}: ")), "{error}");
        }
        assert_eq!(Label::new("plan").check(), Ok(()));
    }
}
