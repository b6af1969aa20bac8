//! Where a thread is working, as [`spans::current`] and [`spans::current_slot`] say it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use tokio::task::yield_now;
use tower_watch_layers::context::{ContextExt, RequestContext};
use tower_watch_layers::observe::Settings;
use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::spans::{self, Mark, SpanLayer, mark_of};
use tower_watch_layers::w3c::TraceContext;
use tracing::span::{Attributes, Id};
use tracing::{Instrument, Span, Subscriber, info_span};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

use crate::harness::{exchange, run_in, run_on_threads, slot_of, subscriber};

fn current() -> TraceContext {
    spans::current().unwrap()
}

fn of(span: &Span) -> TraceContext {
    span.in_scope(current)
}

/// Runs a handler in an exchange.
fn handle<F: Future<Output = ()>>(handler: impl FnOnce(RequestContext) -> F) {
    run_in(subscriber(), exchange(Settings::new(), handler));
}

fn is_in(context: &RequestContext) -> bool {
    spans::current_slot().is_some_and(|slot| std::ptr::eq(&raw const *slot, slot_of(context)))
}

#[test]
fn nothing_is_current_outside() {
    assert_eq!(spans::current(), None);
    assert!(spans::current_slot().is_none());
    tracing::subscriber::with_default(subscriber(), || assert_eq!(spans::current(), None));
}

#[test]
fn a_handler_is_in_the_span_of_its_exchange() {
    handle(async |context| {
        let own = *slot_of(&context).trace().unwrap();
        assert_eq!(current(), own);
        yield_now().await;
        assert_eq!(current(), own);
        assert!(is_in(&context));
    });
    assert_eq!(spans::current(), None);
}

#[test]
fn without_the_layer_in_the_subscriber_the_exchange_speaks_for_itself() {
    run_in(
        tracing_subscriber::registry(),
        exchange(Settings::new(), async |context| {
            assert_eq!(current(), *slot_of(&context).trace().unwrap());
            info_span!("unmarked").in_scope(|| assert!(is_in(&context)));
        }),
    );
}

#[test]
fn children_inherit_and_are_left_in_order() {
    handle(async |context| {
        let own = current();
        let outer = info_span!("outer");
        outer.in_scope(|| {
            let outer = current();
            assert_eq!((outer.trace_id, outer.parent), (own.trace_id, Some(own.span_id)));
            info_span!("inner").in_scope(|| assert_eq!(current().parent, Some(outer.span_id)));
            assert_eq!(current(), outer);
        });
        assert_eq!(current(), own);
        let explicit = info_span!(parent: &outer, "explicit");
        assert_eq!(of(&explicit).parent, Some(of(&outer).span_id));
        assert!(explicit.in_scope(|| is_in(&context)));
    });
}

#[test]
fn a_span_without_a_parent_begins_a_trace_of_its_own() {
    handle(async |context| {
        let own = current();
        let root = info_span!(parent: None, "root");
        assert_ne!(of(&root).trace_id, own.trace_id);
        assert_eq!(of(&root).parent, None);
        // The request is still the one that is worked on.
        assert!(root.in_scope(|| is_in(&context)));
    });
}

#[test]
fn outside_of_exchanges_the_sampler_is_asked_once_for_each_trace() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let layer = SpanLayer::new().with_root_sampling(move |trace| {
        let mut asked = noted.lock().unwrap();
        asked.push(trace);
        asked.len() == 1
    });
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let job = info_span!("job");
        let of_job = of(&job);
        assert!(of_job.sampled);
        assert_eq!(of_job.parent, None);
        let step = job.in_scope(|| of(&info_span!("step")));
        assert!(step.sampled);
        assert_eq!(step.parent, Some(of_job.span_id));
        assert!(!of(&info_span!("another job")).sampled);
        assert_eq!(asked.lock().unwrap().len(), 2);
    });
    assert!(Ratio::NONE < Ratio::ALL);
    tracing::subscriber::with_default(subscriber(), || assert!(!of(&info_span!("job")).sampled));
}

#[test]
fn spans_may_be_left_in_any_order() {
    handle(async |_| {
        let own = current();
        let (a, b) = (info_span!("a"), info_span!("b"));
        let (of_a, of_b) = (of(&a), of(&b));
        let (in_a, in_b) = (a.enter(), b.enter());
        drop(in_a);
        assert_eq!(current(), of_b);
        drop(in_b);
        assert_eq!(current(), own);
        let in_b = b.enter();
        let in_a = a.enter();
        drop(in_b);
        assert_eq!(current(), of_a);
        drop(in_a);
        assert_eq!(current(), own);
    });
}

#[test]
fn a_span_that_is_entered_twice_is_left_twice() {
    handle(async |_| {
        let own = current();
        let (a, b) = (info_span!("a"), info_span!("b"));
        let of_a = of(&a);
        let of_b = of(&b);
        let first = a.enter();
        let second = a.enter();
        assert_eq!(current(), of_a);
        b.in_scope(|| {
            assert_eq!(current(), of_b);
            // As the registry has it: what is entered already does not become current again.
            a.in_scope(|| assert_eq!(current(), of_b));
        });
        drop(first);
        assert_eq!(current(), of_a);
        drop(second);
        assert_eq!(current(), own);
    });
}

#[test]
fn a_panic_leaves_what_it_was_in() {
    handle(async |_| {
        let own = current();
        let panic = catch_unwind(AssertUnwindSafe(|| {
            info_span!("a").in_scope(|| info_span!("b").in_scope(|| panic!("in here")))
        }));
        assert!(panic.is_err());
        assert_eq!(current(), own);
    });
    let outside = catch_unwind(AssertUnwindSafe(|| handle(async |_| panic!("in the handler"))));
    assert!(outside.is_err());
    assert_eq!(spans::current(), None);
}

#[test]
fn a_span_of_another_subscriber_is_below_the_one_around_it() {
    handle(async |context| {
        let own = current();
        let a = info_span!("a");
        let of_a = of(&a);
        a.in_scope(|| {
            tracing::subscriber::with_default(subscriber(), || {
                // The ids of its spans are the same as those of the first subscriber's.
                for _ in 0..4 {
                    let b = info_span!("b");
                    assert_eq!(of(&b).parent, Some(of_a.span_id));
                    b.in_scope(|| info_span!("c").in_scope(|| assert_eq!(current().trace_id, own.trace_id)));
                    assert!(b.in_scope(|| is_in(&context)));
                    assert_eq!(current(), of_a);
                }
            });
            assert_eq!(current(), of_a);
        });
        assert_eq!(current(), own);
    });
}

#[test]
fn a_nested_exchange_is_in_its_own_span() {
    handle(async |context| {
        let outer = current();
        exchange(Settings::new(), async move |inner| {
            assert_ne!(current().trace_id, outer.trace_id);
            assert!(is_in(&inner));
            info_span!("in the inner").in_scope(|| assert!(is_in(&inner)));
        })
        .instrument(info_span!("call"))
        .await;
        assert_eq!(current(), outer);
        assert!(is_in(&context));
    });
}

#[test]
fn a_task_that_carries_only_a_span_knows_its_exchange() {
    run_on_threads(exchange(Settings::new(), async |context| {
        let task = info_span!("task");
        let of_task = of(&task);
        let inside = context.clone();
        let work = async move {
            for _ in 0..3 {
                assert_eq!(current(), of_task);
                assert!(is_in(&inside));
                assert!(RequestContext::current().is_none());
                yield_now().await;
            }
        };
        tokio::spawn(work.instrument(task)).await.unwrap();

        let own = current();
        let carried = async move { assert_eq!(current(), own) };
        tokio::spawn(carried.in_context()).await.unwrap();

        let bare = async { assert!(spans::current().is_none() && spans::current_slot().is_none()) };
        tokio::spawn(bare).await.unwrap();
    }));
}

#[test]
fn a_context_inside_of_a_foreign_span_is_further_in() {
    run_in(subscriber(), async {
        let server = info_span!("server").entered();
        exchange(Settings::new(), async |context| {
            let own = *slot_of(&context).trace().unwrap();
            assert_eq!(current(), own);
            tokio::spawn(async move { assert_eq!(current(), own) }.in_context()).await.unwrap();
        })
        .await;
        assert_eq!(current(), of(&server));
    });
}

#[test]
fn a_span_left_entered_across_an_await_does_not_speak_for_the_next_request() {
    run_in(subscriber(), async {
        let careless = exchange(Settings::new(), async |_| {
            let span = info_span!("held");
            // Polled once: what it has entered stays on the thread.
            let _held = span.enter();
            std::future::pending::<()>().await;
        });
        let mut careless = Box::pin(careless);
        assert!(futures_poll(careless.as_mut()).is_pending());
        exchange(Settings::new(), async |context| {
            let own = *slot_of(&context).trace().unwrap();
            assert_eq!(current(), own);
            assert!(is_in(&context));
            assert_eq!(of(&info_span!("child")).parent, Some(own.span_id));
        })
        .await;
    });
}

fn futures_poll<F: Future + ?Sized>(future: std::pin::Pin<&mut F>) -> std::task::Poll<F::Output> {
    future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
}

#[test]
fn a_span_can_be_given_its_place() {
    handle(async |context| {
        let own = current();
        let place = own.child();
        let span = spans::at(place, || info_span!("charge"));
        assert_eq!(of(&span), place);
        assert!(span.in_scope(|| is_in(&context)));
        // Only the first one is it.
        let next = spans::at(own.child(), || (info_span!("charge"), info_span!("next"))).1;
        assert_ne!(of(&next).parent, Some(own.span_id));
    });
    tracing::subscriber::with_default(subscriber(), || {
        let caller = TraceContext::root(true);
        assert_eq!(of(&spans::at(caller.child(), || info_span!("consume"))).parent, Some(caller.span_id));
    });
}

/// A layer after the first one, which reads the marks and gives some spans other ids.
#[derive(Clone, Default)]
struct Reader {
    seen: Arc<Mutex<Vec<(&'static str, Mark)>>>,
    renumbers: bool,
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Reader {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, subscriber: Context<'_, S>) {
        let span = subscriber.span(id).unwrap();
        let mark = mark_of(&span).unwrap();
        if self.renumbers {
            spans::renumber(&span, TraceContext::root(true));
        }
        self.seen.lock().unwrap().push((attributes.metadata().name(), mark));
    }
}

#[test]
fn other_layers_see_the_mark_of_a_new_span() {
    let reader = Reader::default();
    let subscriber = subscriber().with(reader.clone());
    let ended = run_in(
        subscriber,
        exchange(Settings::new(), async |_| {
            info_span!("child").in_scope(|| ());
        }),
    );
    let seen = reader.seen.lock().unwrap();
    let (own, child) = (&seen[0].1, &seen[1].1);
    assert!(own.is_exchange && !child.is_exchange);
    assert_eq!((own.context, child.context.parent), (ended.context, Some(ended.context.span_id)));
    assert!(Arc::ptr_eq(own.slot.as_ref().unwrap(), child.slot.as_ref().unwrap()));
}

#[test]
fn ids_that_a_tracer_gave_are_those_of_the_exchange_and_of_its_spans() {
    let reader = Reader { renumbers: true, ..Reader::default() };
    let subscriber = subscriber().with(reader.clone());
    run_in(
        subscriber,
        exchange(Settings::new(), async |context| {
            let own = *slot_of(&context).trace().unwrap();
            assert!(own.sampled, "not the one that it was given");
            assert_eq!(own.parent, None);
            assert!(of(&info_span!("child")).sampled);
        }),
    );
}

#[test]
fn a_second_layer_in_the_same_subscriber_does_nothing() {
    let subscriber = subscriber().with(SpanLayer::new());
    let ended = run_in(
        subscriber,
        exchange(Settings::new(), async |_| {
            let own = current();
            info_span!("child").in_scope(|| {
                assert_eq!(current().parent, Some(own.span_id));
                tracing::info!("once");
            });
        }),
    );
    let spans = ended.recording.unwrap().spans();
    assert_eq!((spans.len(), spans[0].events.len()), (1, 1));
}
