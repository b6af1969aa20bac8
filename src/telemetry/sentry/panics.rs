//! The panic hook.
//!
//! A panic can come from the inside of a lock: of a formatter that a subscriber called, of a change to a request's policy. So
//! the hook takes none. It notes what the thread has at hand and queues it; the report is put together on the worker.

use std::cell::Cell;
use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::time::SystemTime;

use sentry_core::Level;
use sentry_core::protocol::{Event, Exception, Frame, Mechanism, Stacktrace};
use tower_watch_layers::clock::Clock;
use tower_watch_layers::context::RequestContext;
use tower_watch_layers::observe::panic_message;
use tower_watch_layers::{spans, w3c};

use crate::telemetry::sentry::breadcrumbs::Trail;
use crate::telemetry::sentry::fields::bounded;
use crate::telemetry::sentry::place;
use crate::telemetry::sentry::queue::{Job, Queue};

const MESSAGE_BYTES: usize = 8 * 1024;

thread_local! {
    /// What the last panic on this thread said, until somebody logs it.
    static REPORTED: Cell<Option<String>> = const { Cell::new(None) };
}

/// What is known of a panic at once.
#[derive(Debug)]
pub(crate) struct PanicReport {
    message: String,
    file: Option<(String, u32, u32)>,
    thread: Option<String>,
    trace: Option<w3c::TraceContext>,
    context: Option<RequestContext>,
    at: SystemTime,
}

/// Reports each panic of the process from now on, and lets the hook that was there do what it did.
pub(crate) fn hook(queue: Arc<Queue>) {
    let clock = Clock::system();
    let next = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(&queue, &clock, panic);
        next(panic);
    }));
}

fn report(queue: &Queue, clock: &Clock, panic: &PanicHookInfo<'_>) {
    let message = bounded(format_args!("{}", panic_message(panic.payload())), MESSAGE_BYTES);
    let _ = REPORTED.try_with(|reported| reported.set(Some(message.clone())));
    queue.offer(Job::Panic(Box::new(PanicReport {
        message,
        file: panic.location().map(|at| (at.file().to_owned(), at.line(), at.column())),
        thread: std::thread::current().name().map(ToOwned::to_owned),
        trace: spans::current(),
        context: RequestContext::current(),
        at: clock.wall(),
    })));
}

/// Whether the hook reported this panic of this thread; asked once, by whoever sees it being logged.
pub(crate) fn was_reported(message: &str) -> bool {
    let reported = REPORTED.try_with(Cell::take).ok().flatten();
    reported.is_some_and(|reported| reported == message)
}

/// The exception of a panic.
pub(crate) fn exception(message: String, is_handled: bool) -> Exception {
    let mechanism = Mechanism { ty: "panic".to_owned(), handled: Some(is_handled), ..Mechanism::default() };
    Exception {
        ty: "panic".to_owned(),
        value: Some(message),
        mechanism: Some(mechanism),
        ..Exception::default()
    }
}

impl PanicReport {
    /// The issue.
    pub(crate) fn into_event(self, sends_users: bool) -> Event<'static> {
        let mut event = Event { level: Level::Fatal, timestamp: self.at, ..Event::default() };
        let mut exception = exception(self.message, false);
        exception.stacktrace = self.file.map(|(file, line, column)| Stacktrace {
            frames: vec![Frame {
                filename: Some(file),
                lineno: Some(line.into()),
                colno: Some(column.into()),
                in_app: Some(true),
                ..Frame::default()
            }],
            ..Stacktrace::default()
        });
        event.exception.values.push(exception);
        event.tags.extend(self.thread.map(|name| ("thread".to_owned(), name)));
        event.contexts.extend(self.trace.map(|trace| ("trace".to_owned(), place::trace(trace).into())));
        if let Some(context) = self.context {
            let slot = context.slot();
            event.transaction = Some(place::transaction_name(slot));
            event.tags.extend(place::tags(slot));
            event.user = place::user(slot).filter(|_| sends_users);
            event.breadcrumbs.values = Trail::of(slot).map(Trail::crumbs).unwrap_or_default();
        }
        event
    }
}
