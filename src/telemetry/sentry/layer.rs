//! The layer of the subscriber: what is said becomes issues, breadcrumbs and spans.

use std::sync::Arc;

use sentry_core::protocol::{Context as EventContext, Event as SentryEvent, Map};
use sentry_core::{Breadcrumb, Level as SentryLevel};
use tower_watch_layers::clock::Clock;
use tower_watch_layers::context::RequestContext;
use tower_watch_layers::observe::Slot;
use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::spans::{self, mark_of};
use tower_watch_layers::w3c::TraceContext;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::telemetry::business;
use crate::telemetry::sentry::breadcrumbs::Trail;
use crate::telemetry::sentry::fields::Fields;
use crate::telemetry::sentry::queue::{Job, Queue};
use crate::telemetry::sentry::transaction::OpenSpan;
use crate::telemetry::sentry::{panics, place, worker};

/// What says the same as the transaction, and what says that nothing can be said.
const NOT_TOLD: [&str; 2] = ["tower_watch::access", "tower_watch::telemetry"];

#[derive(Debug)]
pub(crate) struct SentryLayer {
    queue: Arc<Queue>,
    traces: Ratio,
    breadcrumbs: usize,
    sends_users: bool,
    clock: Clock,
    /// Of what is said outside of all exchanges.
    trail: Trail,
}

impl SentryLayer {
    pub(crate) fn new(queue: Arc<Queue>, traces: Ratio, breadcrumbs: usize, sends_users: bool) -> Self {
        Self { queue, traces, breadcrumbs, sends_users, clock: Clock::system(), trail: Trail::default() }
    }

    /// Sampled, and of an exchange: the only spans that cost something here.
    fn is_told<'s, S: LookupSpan<'s>>(&self, span: &SpanRef<'s, S>) -> bool {
        mark_of(span).is_some_and(|mark| {
            mark.context.sampled && mark.slot.is_some() && self.traces.includes(mark.context.trace_id)
        })
    }

    fn issue(
        &self,
        said: &Said<'_>,
        fields: Fields,
        slot: Option<&Slot>,
        trace: Option<TraceContext>,
    ) -> SentryEvent<'static> {
        let mut event = SentryEvent {
            level: SentryLevel::Error,
            logger: Some(said.target.to_owned()),
            message: fields.message,
            timestamp: self.clock.wall(),
            ..SentryEvent::default()
        };
        event.exception.values = fields.exceptions;
        if let Some(panic) = fields.panic {
            event.exception.values = vec![panics::exception(panic, true)];
            event.level = SentryLevel::Fatal;
        }
        let mut values = fields.values;
        values.extend(
            said.place.map(|(file, line)| ("code.location".to_owned(), format!("{file}:{line}").into())),
        );
        event.contexts = Map::from([("fields".to_owned(), EventContext::Other(values))]);
        event.contexts.extend(trace.map(|trace| ("trace".to_owned(), place::trace(trace).into())));
        if let Some(slot) = slot {
            event.transaction = Some(place::transaction_name(slot));
            event.tags = place::tags(slot);
            event.user = place::user(slot).filter(|_| self.sends_users);
        }
        event.breadcrumbs.values = self.trail(slot).map(Trail::crumbs).unwrap_or_default();
        event
    }

    fn trail<'t>(&'t self, slot: Option<&'t Slot>) -> Option<&'t Trail> {
        match slot {
            Some(slot) => Trail::of(slot),
            None => Some(&self.trail),
        }
    }
}

/// What the metadata of an event say.
struct Said<'a> {
    level: Level,
    target: &'a str,
    place: Option<(&'a str, u32)>,
}

impl<S> Layer<S> for SentryLayer
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if self.is_told(&span) {
            let mut open = OpenSpan::new(self.clock.wall());
            // The values' own formatting runs before the extensions are locked.
            attributes.record(&mut open.fields);
            span.extensions_mut().insert(open);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if !self.is_told(&span) {
            return;
        }
        let mut more = Fields::default();
        values.record(&mut more);
        if let Some(open) = span.extensions_mut().get_mut::<OpenSpan>() {
            open.fields.values.extend(more.values);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if NOT_TOLD.contains(&metadata.target()) || worker::is_this_thread() {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        if !self.sends_users && business::is_ours(metadata) {
            // It is there by itself, and not because somebody said it.
            fields.values.remove("user_id");
        }
        let said = Said {
            level: *metadata.level(),
            target: metadata.target(),
            place: metadata.file().zip(metadata.line()),
        };
        let mark = context.event_span(event).as_ref().and_then(mark_of);
        let current = RequestContext::current();
        let slot = mark
            .as_ref()
            .and_then(|mark| mark.slot.as_deref())
            .or(current.as_ref().map(RequestContext::slot));
        let crumb = crumb(&said, &fields, &self.clock);
        let is_known = fields.panic.as_deref().is_some_and(panics::was_reported);
        if said.level == Level::ERROR && !is_known {
            let trace = mark.as_ref().map(|mark| mark.context).or_else(spans::current);
            let issue = self.issue(&said, fields, slot, trace);
            self.queue.offer(Job::Event(Box::new(issue)));
        }
        if let Some(trail) = self.trail(slot) {
            trail.push(crumb, self.breadcrumbs);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(mut open) = span.extensions_mut().remove::<OpenSpan>() else { return };
        let Some(mark) = mark_of(&span) else { return };
        let end = self.clock.wall();
        if !mark.is_exchange {
            let metadata = span.metadata();
            let closed = open.into_span(mark.context, metadata.name(), metadata.target(), end);
            let is_exchange = |outer: &SpanRef<'_, S>| mark_of(outer).is_some_and(|mark| mark.is_exchange);
            if let Some(exchange) = span.scope().skip(1).find(is_exchange)
                && let Some(exchange) = exchange.extensions_mut().get_mut::<OpenSpan>()
            {
                exchange.add(closed);
            }
        } else if let Some(slot) = &mark.slot {
            if !self.sends_users {
                open.fields.values.remove("enduser.id");
            }
            let transaction = open.into_transaction(mark.context, slot, end);
            self.queue.offer(Job::Transaction(Box::new(transaction)));
        }
    }
}

fn crumb(said: &Said<'_>, fields: &Fields, clock: &Clock) -> Breadcrumb {
    let mut data = fields.values.clone();
    if let Some(error) = fields.exceptions.last() {
        data.extend(error.value.clone().map(|error| ("error".to_owned(), error.into())));
    }
    Breadcrumb {
        timestamp: clock.wall(),
        ty: "log".to_owned(),
        category: Some(said.target.to_owned()),
        level: match said.level {
            Level::ERROR => SentryLevel::Error,
            Level::WARN => SentryLevel::Warning,
            _ => SentryLevel::Info,
        },
        message: fields.message.clone(),
        data,
    }
}
