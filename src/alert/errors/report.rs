//! What went wrong.

use std::borrow::Cow;
use std::error::Error;

use tower_watch_layers::context::RequestContext;
use tower_watch_layers::observe::Slot;

/// What went wrong, for a classifier to judge. What is not known is empty.
#[derive(Debug)]
#[non_exhaustive]
pub struct ErrorReport<'a> {
    /// Which error it is, by a name that is the same each time: the label `error_type`.
    pub error_type: Cow<'a, str>,
    /// The route's template, or the name of a job: the label `endpoint`.
    pub endpoint: Cow<'a, str>,
    /// The status that the client got.
    pub status: Option<u16>,
    /// The error itself, where who reports it has it.
    pub error: Option<&'a (dyn Error + 'static)>,
    /// Whether it was a panic.
    pub is_panic: bool,
    /// The request in which it happened.
    pub request_id: Option<String>,
    /// Its trace.
    pub trace_id: Option<String>,
}

impl<'a> ErrorReport<'a> {
    /// An error of this type, outside of any request.
    pub fn new(error_type: impl Into<Cow<'a, str>>) -> Self {
        Self {
            error_type: error_type.into(),
            endpoint: Cow::Borrowed(""),
            status: None,
            error: None,
            is_panic: false,
            request_id: None,
            trace_id: None,
        }
    }

    /// An error of this type in the request that the thread is at work on, if it is at work on one.
    pub fn current(error_type: impl Into<Cow<'a, str>>) -> Self {
        match RequestContext::current() {
            Some(context) => Self::new(error_type).of(context.slot()),
            None => Self::new(error_type),
        }
    }

    /// In this request.
    pub(crate) fn of(mut self, slot: &Slot) -> Self {
        self.endpoint = slot.route().endpoint().to_owned().into();
        self.request_id = slot.request_id().map(ToString::to_string);
        self.trace_id = slot.trace().map(|trace| trace.trace_id.to_string());
        self
    }

    /// Where it happened.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<Cow<'a, str>>) -> Self {
        self.endpoint = endpoint.into();
        self
    }

    /// What it was.
    #[must_use]
    pub fn with_error(mut self, error: &'a (dyn Error + 'static)) -> Self {
        self.error = Some(error);
        self
    }
}
