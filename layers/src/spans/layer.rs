//! The layer of the subscriber.

use tracing::Subscriber;
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::recording::Limits;
use crate::spans::Mark;
use crate::spans::current::{replace, take_placed, take_starting};
use crate::w3c::TraceContext;

/// Gives each span its place in the trace; see [`spans`](crate::spans). Add it before the layers that ask for it.
#[derive(Clone, Debug, Default)]
pub struct SpanLayer {
    limits: Limits,
}

impl SpanLayer {
    /// Marks, and records within the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Records within these limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

impl<S> Layer<S> for SpanLayer
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, subscriber: Context<'_, S>) {
        let Some(span) = subscriber.span(id) else { return };
        let mark = match take_starting() {
            Some(slot) => slot.trace().copied().map(|context| Mark {
                context,
                slot: Some(slot),
                is_exchange: true,
                link: None,
                index: None,
            }),
            None => {
                let parent = span.parent().and_then(|parent| parent.extensions().get::<Mark>().cloned());
                let placed = take_placed();
                let context = match (&placed, &parent) {
                    (Some(placed), _) => placed.context,
                    (None, Some(parent)) => parent.context.child(),
                    (None, None) => TraceContext::root(false),
                };
                Some(Mark {
                    context,
                    link: placed.and_then(|placed| placed.link),
                    is_exchange: false,
                    index: None,
                    slot: parent.and_then(|parent| parent.slot),
                })
            }
        };
        let _ = attributes;
        if let Some(mark) = mark {
            span.extensions_mut().insert(mark);
        }
    }

    fn on_enter(&self, id: &Id, subscriber: Context<'_, S>) {
        let Some(span) = subscriber.span(id) else { return };
        if let Some(mark) = span.extensions().get::<Mark>() {
            replace(Some(mark.context));
        }
    }

    fn on_exit(&self, id: &Id, subscriber: Context<'_, S>) {
        let Some(span) = subscriber.span(id) else { return };
        let parent = span.parent();
        replace(parent.and_then(|parent| parent.extensions().get::<Mark>().map(|mark| mark.context)));
    }
}
