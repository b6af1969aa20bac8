//! Fields of the application's own.

use std::fmt;
use std::sync::Arc;

use http::{request, response};
use tracing::Span;

use crate::caught;

/// Functions that add fields to a span, and the names of those.
#[derive(Clone)]
pub(crate) struct Fields<H: 'static> {
    pub(crate) names: Vec<&'static str>,
    adds: Option<Arc<Adds<H>>>,
}

type Adds<H> = dyn Fn(&Span, &H) + Send + Sync;

/// From the head of the request.
pub(crate) type RequestFields = Fields<request::Parts>;

/// From the head of the response.
pub(crate) type ResponseFields = Fields<response::Parts>;

impl<H> Fields<H> {
    pub(crate) fn new(names: &[&'static str], add: impl Fn(&Span, &H) + Send + Sync + 'static) -> Self {
        Self { names: names.to_vec(), adds: Some(Arc::new(add)) }
    }

    pub(crate) fn add(&self, span: &Span, head: &H) {
        if let Some(add) = &self.adds
            && !span.is_disabled()
        {
            caught::ask("fields", || add(span, head));
        }
    }
}

impl<H> Default for Fields<H> {
    fn default() -> Self {
        Self { names: Vec::new(), adds: None }
    }
}

impl<H> fmt::Debug for Fields<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fields").field(&self.names).finish()
    }
}
