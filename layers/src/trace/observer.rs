//! The observer that traces.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::Entry;
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use tracing::Span;
use tracing::field::ValueSet;

use crate::classify::Protocol;
use crate::observe::{End, Exchange, Observer, Slot, Start};
use crate::recording::{FieldValue, Recording};
use crate::spans;
use crate::trace::shown::{
    Known, RequestTexts, Seen, Shape, SpanName, collect, header_values, with_brief, with_end, with_start,
};
use crate::trace::{KeepTraces, KeptTrace, Sampling, Strangers, TraceConfig, truncated};
use crate::w3c::{Carried, Propagation, SpanId, TraceContext, format_traceparent, traceparent_of};

/// Traces each exchange; see [`TraceLayer`](crate::trace::TraceLayer).
///
/// The span is named `request`, of level INFO and target `tower_watch::request`; its attributes are OpenTelemetry's. Where a
/// filter of the subscriber leaves it out, the exchange still has its ids. An exchange that is not sampled has none, or where
/// [one is asked for](TraceConfig::with_unsampled_spans) one with only what names it (method, route, request id, tenant), which
/// is told how it ended where that was in an error, or slowly.
///
/// An exchange has one span, also where two such layers stand in one stack: the outer one makes it, and the inner one says so
/// in a warning. A route that is [off](crate::policy::RoutePolicy::off) has none, and ids that are not sampled.
#[derive(Clone, Debug)]
pub struct TraceObserver {
    core: Arc<Core>,
}

#[derive(Debug)]
pub(crate) struct Core {
    config: TraceConfig,
    shape: Shape,
    warned_twice: AtomicBool,
}

static TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

impl TraceObserver {
    /// Traces as the configuration says.
    #[must_use]
    pub fn new(config: TraceConfig) -> Self {
        let config = config.settled();
        let shape = Shape::new(config.field_names());
        Self { core: Arc::new(Core { config, shape, warned_twice: AtomicBool::new(false) }) }
    }

    /// The handle to what is sampled.
    #[must_use]
    pub fn sampling(&self) -> &Sampling {
        &self.core.config.sampling
    }

    /// Which headers of callers are read.
    #[must_use]
    pub fn propagation(&self) -> Propagation {
        self.core.config.propagation
    }
}

impl Core {
    /// Where in which trace the exchange is, by what came in.
    #[inline]
    fn settle(&self, start: &Start<'_>) -> TraceContext {
        let (head, slot) = (start.head(), start.slot());
        let read = self.config.propagation;
        let carry = || {
            if let Some(carried) = Carried::of_those(read, &head.headers) {
                slot.set_carried(carried);
            }
        };
        let caller = if read.trace_context { traceparent_of(&head.headers) } else { None };
        let parent = caller.and_then(|caller| match self.config.strangers.judge(head) {
            Strangers::Continue => {
                carry();
                Some(caller)
            }
            Strangers::Link => {
                slot.set_link(caller);
                None
            }
            Strangers::Ignore => None,
        });
        if !read.trace_context && read.baggage && self.config.strangers.judge(head) == Strangers::Continue {
            carry();
        }
        let context = match parent {
            Some(parent) => TraceContext {
                trace_id: parent.trace_id,
                span_id: SpanId::random(),
                parent: Some(parent.span_id),
                sampled: parent.sampled,
                random: parent.random,
            },
            None => TraceContext::root(false),
        };
        let decided = parent.map(|parent| parent.sampled);
        let sampled =
            !slot.is_off() && self.config.sampling.decide(&head.headers, slot, context.trace_id, decided);
        TraceContext { sampled, ..context }
    }

    /// Whether a layer around this one, which shares no slot with it, traces the same request.
    fn outer_context(start: &Start<'_>) -> Option<TraceContext> {
        let outer = start.head().extensions.get::<Arc<Slot>>().filter(|slot| slot.has_span())?;
        outer.trace().copied()
    }

    #[cold]
    fn warn_of_two(&self) {
        if !self.warned_twice.swap(true, Ordering::Relaxed) {
            tracing::warn!("two layers trace the same requests; the outer one makes the span");
        }
    }

    /// What is shown of the head of a request, where it may be wanted at the end.
    #[inline]
    fn seen_for_the_end(&self, start: &Start<'_>) -> Option<Box<Seen>> {
        let is_grpc = start.slot().protocol() == Protocol::Grpc;
        (is_grpc || self.config.shows_head()).then(|| Box::new(Seen::of(&self.config, start.head(), is_grpc)))
    }

    /// The texts of a request; what had to be cut is counted.
    fn texts<'a>(&self, slot: &'a Slot, seen: &'a Seen) -> RequestTexts<'a> {
        let mut cut = 0;
        let texts = RequestTexts::of(&self.config, slot, seen, &mut cut);
        if cut > 0 {
            truncated::count(slot.recorder(), cut);
        }
        texts
    }

    /// Hands `take` the headers that are shown; what had to be cut is counted.
    fn headers(&self, slot: &Slot, headers: &[(usize, HeaderValue)], take: impl FnMut(&ValueSet<'_>)) {
        let mut cut = 0;
        header_values(&self.shape, headers, self.config.value_limit, &mut cut, take);
        if cut > 0 {
            truncated::count(slot.recorder(), cut);
        }
    }

    /// Shows the headers of a response: at once where the exchange is sampled, or should it be kept.
    fn show_response(
        &self,
        sampled: bool,
        span: &Span,
        seen: &mut Option<Box<Seen>>,
        headers: &HeaderMap,
        slot: &Slot,
    ) {
        let (names, first) = (&self.config.response_headers, self.config.request_headers.len());
        if let Some(seen) = seen {
            seen.add_headers(names, first, headers);
        } else if sampled && !span.is_disabled() {
            let mut shown = Seen::default();
            shown.add_headers(names, first, headers);
            self.headers(slot, &shown.headers, |values| {
                span.record_all(values);
            });
        }
    }

    /// The span of an exchange that is sampled, with all that it shows of the request.
    fn sampled_span(&self, start: &Start<'_>, known: Known) -> Span {
        let slot = start.slot();
        let seen = Seen::of(&self.config, start.head(), slot.protocol() == Protocol::Grpc);
        let texts = self.texts(slot, &seen);
        let span = spans::starting(slot, || {
            with_start(&self.shape, slot, known, Some(&texts), |values| self.shape.span(values))
        });
        if !seen.headers.is_empty() && !span.is_disabled() {
            self.headers(slot, &seen.headers, |values| {
                span.record_all(values);
            });
        }
        span
    }

    /// The span of an exchange that is not sampled: hardly anybody looks at it.
    #[inline]
    fn brief_span(&self, start: &Start<'_>) -> Span {
        let slot = start.slot();
        spans::starting(slot, || with_brief(&self.shape, slot, |values| self.shape.span(values)))
    }
}

impl Observer for TraceObserver {
    type Exchange = TraceExchange;

    fn begin(&self, start: &mut Start<'_>) -> Option<TraceExchange> {
        let core = &*self.core;
        if let Some(outer) = Core::outer_context(start) {
            start.set_trace(outer);
            core.warn_of_two();
            return None;
        }
        if !start.slot().claim_span() {
            core.warn_of_two();
            return None;
        }
        // An observer before this one may have settled it.
        let context = match start.slot().trace() {
            Some(settled) => *settled,
            None => {
                let context = core.settle(start);
                start.set_trace(context);
                context
            }
        };
        let known = Known::of(&core.config, start.head());
        let keeps = !context.sampled && core.config.keep.as_deref().is_some_and(KeepTraces::wants);
        if keeps {
            start.slot().want_recording();
        }
        let span = match () {
            () if !core.shape.is_of_interest() || start.slot().is_off() => Span::none(),
            () if context.sampled => core.sampled_span(start, known),
            () if core.config.unsampled_spans => core.brief_span(start),
            () => Span::none(),
        };
        core.config.request_fields.add(&span, start.head());
        let seen = if keeps { core.seen_for_the_end(start) } else { None };
        let had_route = start.slot().route().is_matched();
        let sampled = context.sampled;
        Some(TraceExchange { core: Arc::clone(&self.core), span, seen, known, sampled, had_route })
    }
}

/// One exchange of [`TraceObserver`]. It is moved from the future to the body, so it is small: what the slot knows is not
/// in it again.
#[derive(Debug)]
pub struct TraceExchange {
    core: Arc<Core>,
    span: Span,
    /// What is shown of the request should the exchange turn out to be worth keeping.
    seen: Option<Box<Seen>>,
    known: Known,
    sampled: bool,
    had_route: bool,
}

impl TraceExchange {
    fn is_refined(&self, end: &End<'_>) -> bool {
        !self.had_route && end.slot.route().is_matched()
    }

    /// Whether it is worth keeping, where it was not sampled: an error, a panic, or slow. The duration of a stream says
    /// nothing.
    fn is_worth_keeping(&self, end: &End<'_>) -> bool {
        let time = if end.streaming { end.time_to_head } else { Some(end.duration) };
        let slow = end.slot.slow_threshold().unwrap_or(self.core.config.slow);
        end.error().is_some() || time.is_some_and(|time| time >= slow)
    }

    fn record_end(&self, end: &End<'_>) {
        with_end(&self.core.shape, end, self.is_refined(end), |values| {
            self.span.record_all(values);
        });
    }

    /// An exchange that was not sampled is worth a look after all.
    #[cold]
    fn not_in_vain(&self, end: &End<'_>, recording: Option<Arc<Recording>>) {
        if !self.span.is_disabled() {
            self.record_end(end);
        }
        if let Some(keep) = self.core.config.keep.as_deref().filter(|keep| keep.wants()) {
            self.hand_over(keep, end, recording);
        }
    }

    fn hand_over(&self, keep: &dyn KeepTraces, end: &End<'_>, recording: Option<Arc<Recording>>) {
        let Some(context) = end.slot.trace().copied() else { return };
        let clock = end.slot.clock();
        let lasted = u64::try_from(end.duration.as_millis()).unwrap_or(u64::MAX);
        keep.keep(KeptTrace {
            context,
            end,
            started_unix_millis: clock.unix_millis(clock.now()).saturating_sub(lasted),
            duration: end.duration,
            recording,
            story: Story { exchange: self },
        });
    }
}

impl Exchange for TraceExchange {
    #[inline]
    fn scope<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        self.span.in_scope(poll)
    }

    #[inline]
    fn response(&mut self, head: &mut Parts, slot: &Slot) {
        let Self { core, span, seen, sampled, .. } = self;
        let config = &core.config;
        if !config.response_headers.is_empty() {
            core.show_response(*sampled, span, seen, &head.headers, slot);
        }
        config.response_fields.add(span, head);
        if let (Some(name), Some(context)) = (&config.id_header, slot.trace()) {
            send_id(name, context, &mut head.headers);
        }
    }

    fn end(self, end: &End<'_>) {
        let recording = end.slot.end_recording();
        if self.sampled {
            if !self.span.is_disabled() {
                self.record_end(end);
            }
        } else if !end.slot.is_off() && self.is_worth_keeping(end) {
            self.not_in_vain(end, recording);
        }
    }
}

/// What a kept trace can tell of its exchange.
pub(crate) struct Story<'a> {
    exchange: &'a TraceExchange,
}

impl fmt::Debug for Story<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Story")
    }
}

impl Story<'_> {
    pub(crate) fn name(&self, end: &End<'_>) -> String {
        SpanName(end.slot).to_string()
    }

    pub(crate) fn attributes(&self, end: &End<'_>) -> Vec<(&'static str, FieldValue)> {
        let TraceExchange { core, known, seen, .. } = self.exchange;
        let mut attributes = Vec::new();
        let texts = seen.as_deref().map(|seen| core.texts(end.slot, seen));
        with_start(&core.shape, end.slot, *known, texts.as_ref(), |values| collect(values, &mut attributes));
        let headers = seen.as_deref().map_or(&[][..], |seen| &*seen.headers);
        core.headers(end.slot, headers, |values| collect(values, &mut attributes));
        with_end(&core.shape, end, self.exchange.is_refined(end), |values| collect(values, &mut attributes));
        attributes
    }
}

/// Tells the client where it can be looked up.
fn send_id(name: &HeaderName, context: &TraceContext, headers: &mut HeaderMap) {
    let value = if *name == TRACERESPONSE {
        HeaderValue::from_bytes(&format_traceparent(context))
    } else {
        HeaderValue::from_bytes(&context.trace_id.to_hex())
    };
    if let Ok(value) = value
        && let Ok(Entry::Vacant(place)) = headers.try_entry(name)
    {
        // Where the service filled the map to its limit, the response goes out without.
        place.try_insert(value).ok();
    }
}
