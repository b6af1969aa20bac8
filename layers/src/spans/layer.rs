//! The layer of the subscriber.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::observe;
use crate::recording::Limits;
use crate::redact::Redaction;
use crate::spans::Mark;
use crate::spans::current::{self, Place};
use crate::spans::making::{self, Making, Placed};
use crate::spans::mark::{Marked, settle};
use crate::spans::record::{self, Recorder};
use crate::spans::secrets::Secrets;
use crate::w3c::{TraceContext, TraceId};

/// Gives each span its place in the trace; see [`spans`](crate::spans). Add it once, before the layers that ask for it, and
/// without a filter, so that no span goes without a mark.
///
/// ```
/// use tower_watch_layers::spans::{self, SpanLayer};
/// use tracing_subscriber::prelude::*;
///
/// let subscriber = tracing_subscriber::registry().with(SpanLayer::new());
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::info_span!("nightly cleanup").in_scope(|| {
///         assert!(spans::current().is_some());
///     });
/// });
/// ```
pub struct SpanLayer {
    /// Tells the spans of one subscriber from those of another.
    number: u32,
    /// Another one is below it in the same subscriber.
    is_second: bool,
    recorder: Recorder,
    samples_roots: Option<Arc<SamplesRoots>>,
    finest: Option<LevelFilter>,
}

type SamplesRoots = dyn Fn(TraceId) -> bool + Send + Sync;

impl Default for SpanLayer {
    fn default() -> Self {
        static LAYERS: AtomicU32 = AtomicU32::new(1);
        Self {
            number: LAYERS.fetch_add(1, Ordering::Relaxed),
            is_second: false,
            recorder: Recorder::default(),
            samples_roots: None,
            finest: None,
        }
    }
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
        self.recorder.limits = limits;
        self
    }

    /// Records no value of these keys.
    #[must_use]
    pub fn with_redaction(mut self, redaction: Redaction) -> Self {
        self.recorder.secrets = Secrets::new(redaction);
        self
    }

    /// Asks whether a trace is sampled that a span outside of all exchanges begins, a background job's. Without it none is.
    /// The spans below follow.
    #[must_use]
    pub fn with_root_sampling(mut self, samples: impl Fn(TraceId) -> bool + Send + Sync + 'static) -> Self {
        self.samples_roots = Some(Arc::new(samples));
        self
    }

    /// Says that it is content with spans and events up to this level, for a subscriber whose other layers all say so too: what
    /// none of them wants is then left out at its place in the code, for nothing. A filter would look each span up at every
    /// enter and exit.
    #[must_use]
    pub fn with_max_level(mut self, finest: LevelFilter) -> Self {
        self.finest = Some(finest);
        self
    }

    fn root(&self) -> TraceContext {
        let root = TraceContext::root(false);
        let sampled = self.samples_roots.as_ref().is_some_and(|samples| samples(root.trace_id));
        TraceContext { sampled, ..root }
    }

    /// The mark of a span that is made by this macro, in this subscriber.
    fn mark<S>(&self, attributes: &Attributes<'_>, id: &Id, subscriber: &Context<'_, S>) -> Mark
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        match making::take() {
            Some(Making::Exchange) => {
                let slot = observe::current();
                let context = slot.as_ref().and_then(|slot| slot.trace().copied());
                if let Some(slot) = &slot {
                    slot.set_own_span(self.number, id.into_u64());
                }
                let context = context.unwrap_or_else(|| self.root());
                Mark { slot, is_exchange: true, parent_is_remote: true, ..unrecorded(context) }
            }
            Some(Making::Placed(Placed { context, link, parent_is_remote })) => {
                let mark = match current::place() {
                    Some(place) => self.below(place, context, attributes),
                    None => unrecorded(context),
                };
                Mark { link, is_placed: true, parent_is_remote, ..mark }
            }
            None => {
                let parent = match attributes.parent() {
                    Some(parent) => settled_place_of(parent, subscriber),
                    None if attributes.is_contextual() => current::place(),
                    None => None,
                };
                match parent {
                    Some(parent) => {
                        let context = parent.context.child();
                        self.below(parent, context, attributes)
                    }
                    None => unrecorded(self.root()),
                }
            }
        }
    }

    fn below(&self, parent: Place, context: TraceContext, attributes: &Attributes<'_>) -> Mark {
        let own = record::wanted(parent.slot.as_ref())
            .and_then(|slot| self.recorder.open(slot, parent.anchor, &context, attributes));
        Mark {
            slot: parent.slot,
            anchor: own.or(parent.anchor),
            is_recorded: own.is_some(),
            ..unrecorded(context)
        }
    }
}

/// The mark of a span outside of all exchanges.
fn unrecorded(context: TraceContext) -> Mark {
    Mark {
        context,
        link: None,
        slot: None,
        is_exchange: false,
        is_placed: false,
        parent_is_remote: false,
        anchor: None,
        is_recorded: false,
    }
}

/// What the mark of a span says, without holding on to the span.
#[inline]
fn place_of<S>(id: &Id, subscriber: &Context<'_, S>) -> Option<Place>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    let span = subscriber.span(id)?;
    let extensions = span.extensions();
    Some(place(&extensions.get::<Marked>()?.mark))
}

/// The same, of a span that others are about to be told the ids of.
#[inline]
fn settled_place_of<S>(id: &Id, subscriber: &Context<'_, S>) -> Option<Place>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    let span = subscriber.span(id)?;
    let extensions = span.extensions();
    let marked = extensions.get::<Marked>()?;
    if !marked.is_open() {
        return Some(place(&marked.mark));
    }
    drop(extensions);
    settle(&span);
    place_of(id, subscriber)
}

fn place(mark: &Mark) -> Place {
    Place {
        context: mark.context,
        slot: mark.slot.clone(),
        anchor: mark.anchor,
        is_recorded: mark.is_recorded,
    }
}

impl<S> Layer<S> for SpanLayer
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.finest
    }

    fn on_layer(&mut self, subscriber: &mut S) {
        let below: &dyn Subscriber = subscriber;
        self.is_second = below.is::<Self>();
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, subscriber: Context<'_, S>) {
        if self.is_second {
            return;
        }
        let mark = self.mark(attributes, id, &subscriber);
        let Some(span) = subscriber.span(id) else { return };
        // What lay there is dropped when nothing is locked any more.
        let replaced = span.extensions_mut().replace(Marked::new(mark));
        drop(replaced);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, subscriber: Context<'_, S>) {
        let Some(place) = place_of(id, &subscriber).filter(|place| place.is_recorded) else { return };
        if let (Some(slot), Some(index)) = (record::wanted(place.slot.as_ref()), place.anchor) {
            self.recorder.fields(slot, index, values);
        }
    }

    fn on_event(&self, event: &Event<'_>, subscriber: Context<'_, S>) {
        if self.is_second {
            return;
        }
        let place = match event.parent() {
            Some(parent) => {
                settled_place_of(parent, &subscriber).and_then(|place| Some((place.slot?, place.anchor)))
            }
            None if event.is_contextual() => current::recorded_place(),
            None => None,
        };
        if let Some((slot, index)) = place
            && slot.wants_recording()
        {
            self.recorder.event(&slot, index, event);
        }
    }

    fn on_enter(&self, id: &Id, subscriber: Context<'_, S>) {
        let number = id.into_u64();
        if self.is_second || current::is_own(self.number, number) {
            return;
        }
        let Some(place) = settled_place_of(id, &subscriber) else { return };
        let is_repeated = current::is_entered(self.number, number);
        let since = match &place.slot {
            Some(slot) if place.is_recorded && !is_repeated => record::busy_since(slot),
            _ => None,
        };
        current::push(self.number, number, place, is_repeated, since);
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        if let Some(left) = current::pop(self.number, id.into_u64())
            && let (Some(slot), Some((index, since))) = (left.slot, left.recorded)
        {
            record::busy(&slot, index, since);
        }
    }
}

impl fmt::Debug for SpanLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanLayer")
            .field("recorder", &self.recorder)
            .field("samples_roots", &self.samples_roots.is_some())
            .finish_non_exhaustive()
    }
}
