//! Many exchanges with random trees of spans, on several threads at once: what is recorded of each is the tree that it
//! made, and at no moment does a thread speak for another exchange.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use http::Request;
use http_body_util::BodyExt;
use proptest::prelude::*;
use tokio::task::{JoinHandle, yield_now};
use tower::Layer;
use tower::util::{ServiceExt, service_fn};
use tower_watch_layers::context::{ContextExt, RequestContext};
use tower_watch_layers::observe::{ObserveLayer, Slot};
use tower_watch_layers::recording::{FieldValue, RecordedEvent, RecordedSpan};
use tower_watch_layers::spans;
use tower_watch_layers::w3c::{SpanId, TraceContext};
use tracing::{Instrument, Span, info, info_span};

use crate::harness::{Ended, Probe, answer, observers, run_on_threads};

/// What a handler does.
#[derive(Clone, Debug)]
enum Step {
    Yield,
    Event,
    /// A span entered for as long as nothing waits.
    InScope(Vec<Step>),
    /// A span around what waits.
    Instrument(Vec<Step>),
    /// A span below one that is not entered.
    Explicit(Vec<Step>),
    /// A task that carries a span, and not the context.
    SpawnSpan(Vec<Step>),
    /// A task that carries the context, and the span in it.
    SpawnContext(Vec<Step>),
    /// A thread that enters a span.
    Thread,
    /// All at once, in one task.
    Join(Vec<Vec<Step>>),
    /// Dropped when it has been polled so often.
    Select(u8, Vec<Step>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let leaf = prop_oneof![4 => Just(Step::Yield), 3 => Just(Step::Event), 1 => Just(Step::Thread)];
    let step = leaf.prop_recursive(4, 24, 4, |step| {
        let steps = || proptest::collection::vec(step.clone(), 0..4);
        prop_oneof![
            2 => steps().prop_map(Step::InScope),
            4 => steps().prop_map(Step::Instrument),
            1 => steps().prop_map(Step::Explicit),
            2 => steps().prop_map(Step::SpawnSpan),
            2 => steps().prop_map(Step::SpawnContext),
            2 => proptest::collection::vec(proptest::collection::vec(step.clone(), 0..4), 1..4)
                .prop_map(Step::Join),
            2 => (0..6_u8, steps()).prop_map(|(polls, steps)| Step::Select(polls, steps)),
        ]
    });
    proptest::collection::vec(step, 0..6)
}

/// A number for each span and event; 0 is the exchange itself.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What one exchange did, as it saw it itself.
struct Seen {
    slot: Arc<Slot>,
    /// The number of each span, with that of its parent, and its ids.
    made: Mutex<BTreeMap<u64, (u64, SpanId)>>,
    /// The number of each event, with that of the span that it was logged in.
    logged: Mutex<BTreeMap<u64, u64>>,
    wrong: Mutex<Vec<String>>,
    /// Those that lost whoever waited for them go on.
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Seen {
    fn own(&self) -> TraceContext {
        *self.slot.trace().unwrap()
    }

    /// The thread must be in the span of this number, and in this exchange.
    fn check(&self, within: u64, at: &'static str) {
        let span_id = match within {
            0 => self.own().span_id,
            within => self.made.lock().unwrap()[&within].1,
        };
        let current = spans::current().map(|current| (current.trace_id, current.span_id));
        let slot = spans::current_slot();
        let is_own = slot.as_ref().is_some_and(|slot| Arc::ptr_eq(slot, &self.slot));
        if current != Some((self.own().trace_id, span_id)) || !is_own {
            self.wrong.lock().unwrap().push(format!("{at}: {current:?} in {slot:?}, not in {within}"));
        }
    }

    fn make(&self, within: u64, make: impl FnOnce(u64) -> Span) -> (u64, Span) {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let span = make(number);
        let context = span.in_scope(spans::current).unwrap();
        self.made.lock().unwrap().insert(number, (within, context.span_id));
        (number, span)
    }

    /// Waits for a task, which goes on where that is dropped.
    async fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let (done, is_done) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async {
            task.await;
            let _ = done.send(());
        });
        self.tasks.lock().unwrap().push(task);
        let _ = is_done.await;
    }

    async fn join(&self) {
        loop {
            let task = self.tasks.lock().unwrap().pop();
            let Some(task) = task else { return };
            task.await.unwrap();
        }
    }

    fn log(&self, within: u64) {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        self.logged.lock().unwrap().insert(number, within);
        info!(number, "event");
    }
}

type Boxed<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Does the steps inside of the span of number `within`.
fn run<'a>(seen: &'a Arc<Seen>, within: u64, steps: &'a [Step]) -> Boxed<'a> {
    Box::pin(async move {
        for step in steps {
            seen.check(within, "before");
            match step {
                Step::Yield => yield_now().await,
                Step::Event => seen.log(within),
                Step::Thread => {
                    let (number, span) = seen.make(within, |number| info_span!("thread", number));
                    let seen = Arc::clone(seen);
                    let thread = std::thread::spawn(move || {
                        span.in_scope(|| seen.check(number, "in a thread"));
                    });
                    thread.join().unwrap();
                }
                Step::InScope(steps) => {
                    let (number, span) = seen.make(within, |number| info_span!("in_scope", number));
                    span.in_scope(|| run_now(seen, number, steps));
                }
                Step::Instrument(steps) => {
                    let (number, span) = seen.make(within, |number| info_span!("instrument", number));
                    run(seen, number, steps).instrument(span).await;
                }
                Step::Explicit(steps) => {
                    let (parent, around) = seen.make(within, |number| info_span!("not entered", number));
                    let (number, span) =
                        seen.make(parent, |number| info_span!(parent: &around, "explicit", number));
                    run(seen, number, steps).instrument(span).await;
                }
                Step::SpawnSpan(steps) => {
                    let (number, span) = seen.make(within, |number| info_span!("task", number));
                    let (own, steps) = (Arc::clone(seen), steps.clone());
                    let task = async move {
                        // Without the context, a task that is spawned in here would have none.
                        let steps: Vec<_> =
                            steps.into_iter().filter(|step| !spawns_with_context(step)).collect();
                        run(&own, number, &steps).await;
                    };
                    seen.spawn(task.instrument(span)).await;
                }
                Step::SpawnContext(steps) => {
                    let (own, steps) = (Arc::clone(seen), steps.clone());
                    let task = async move { run(&own, within, &steps).await };
                    seen.spawn(task.in_context()).await;
                }
                Step::Join(branches) => {
                    let mut branches: Vec<_> =
                        branches.iter().map(|steps| run(seen, within, steps)).collect();
                    std::future::poll_fn(|cx| {
                        branches.retain_mut(|branch| branch.as_mut().poll(cx).is_pending());
                        match branches.is_empty() {
                            true => std::task::Poll::Ready(()),
                            false => std::task::Poll::Pending,
                        }
                    })
                    .await;
                }
                Step::Select(polls, steps) => {
                    let mut dropped = run(seen, within, steps);
                    for _ in 0..*polls {
                        let poll = std::future::poll_fn(|cx| {
                            std::task::Poll::Ready(dropped.as_mut().poll(cx).is_ready())
                        });
                        if poll.await {
                            break;
                        }
                        yield_now().await;
                    }
                }
            }
            seen.check(within, "after");
        }
    })
}

fn spawns_with_context(step: &Step) -> bool {
    match step {
        Step::SpawnContext(_) => true,
        Step::InScope(steps)
        | Step::Instrument(steps)
        | Step::Explicit(steps)
        | Step::SpawnSpan(steps)
        | Step::Select(_, steps) => steps.iter().any(spawns_with_context),
        Step::Join(branches) => branches.iter().flatten().any(spawns_with_context),
        Step::Yield | Step::Event | Step::Thread => false,
    }
}

/// The steps that need not wait.
fn run_now(seen: &Arc<Seen>, within: u64, steps: &[Step]) {
    for step in steps {
        seen.check(within, "before, in scope");
        match step {
            Step::Event => seen.log(within),
            Step::InScope(steps) | Step::Instrument(steps) | Step::Explicit(steps) => {
                let (number, span) = seen.make(within, |number| info_span!("deeper", number));
                span.in_scope(|| run_now(seen, number, steps));
            }
            _ => {}
        }
        seen.check(within, "after, in scope");
    }
}

fn number(fields: &[(&'static str, FieldValue)]) -> u64 {
    match fields {
        [("number", FieldValue::U64(number))] => *number,
        fields => panic!("not of this test: {fields:?}"),
    }
}

/// What was recorded of an exchange is what it did, and nothing else.
fn compare(seen: &Seen, ended: &Ended) {
    assert_eq!(*seen.wrong.lock().unwrap(), Vec::<String>::new());
    let made = seen.made.lock().unwrap();
    let logged = seen.logged.lock().unwrap();
    let Some(recording) = &ended.recording else {
        assert!(made.is_empty() && logged.is_empty(), "nothing was recorded");
        return;
    };
    let spans = recording.spans();
    let mut numbers: HashMap<SpanId, u64> =
        spans.iter().map(|span| (span.span_id, number(&span.fields))).collect();
    assert_eq!(numbers.len(), spans.len(), "an id is there twice");
    numbers.insert(ended.context.span_id, 0);
    let told = |span: &RecordedSpan| (number(&span.fields), (numbers[&span.parent], span.span_id));
    assert_eq!(spans.iter().map(told).collect::<BTreeMap<_, _>>(), *made);
    let by_id: HashMap<SpanId, &RecordedSpan> = spans.iter().map(|span| (span.span_id, span)).collect();
    for span in &spans {
        assert!(span.end.is_some_and(|end| end >= span.start), "a span is still open");
        let parent = by_id.get(&span.parent);
        assert!(parent.is_none_or(|parent| parent.start <= span.start && parent.end >= span.end));
    }

    let events = |within: u64, events: &[RecordedEvent]| -> Vec<(u64, u64)> {
        events.iter().map(|event| (number(&event.fields), within)).collect()
    };
    let mut all = events(0, &recording.events());
    for span in &spans {
        all.extend(events(number(&span.fields), &span.events));
    }
    assert_eq!(all.len(), logged.len());
    assert_eq!(all.into_iter().collect::<BTreeMap<_, _>>(), *logged);
    let dropped = (recording.dropped_spans(), recording.dropped_events(), recording.dropped_fields());
    assert_eq!(dropped, (0, 0, 0));
}

/// All of them have the same caller, so that the trace alone does not tell them apart.
const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

async fn one(index: usize, steps: Vec<Step>) -> (Arc<Seen>, Ended) {
    let probe = Probe::default();
    let seen = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&seen);
    let service = service_fn(move |request: Request<()>| {
        let slot = request.extensions().get::<Arc<Slot>>().unwrap().clone();
        let context = RequestContext::of(request.extensions()).unwrap();
        let (noted, steps) = (Arc::clone(&noted), steps.clone());
        async move {
            let own = Arc::new(Seen {
                slot,
                made: Mutex::default(),
                logged: Mutex::default(),
                wrong: Mutex::default(),
                tasks: Mutex::default(),
            });
            *noted.lock().unwrap() = Some(Arc::clone(&own));
            run(&own, 0, &steps).await;
            own.join().await;
            drop(context);
            Ok::<_, Infallible>(answer())
        }
    });
    let service = ObserveLayer::new(observers(&probe)).layer(service);
    let mut request = Request::new(());
    if index.is_multiple_of(2) {
        request.headers_mut().insert("traceparent", http::HeaderValue::from_static(CALLER));
    }
    let response = service.oneshot(request).await.unwrap();
    response.into_body().collect().await.unwrap();
    let ended = probe.ended.lock().unwrap().pop().unwrap();
    let seen = seen.lock().unwrap().take().unwrap();
    (seen, ended)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn each_exchange_has_the_spans_that_it_made(plans in proptest::collection::vec(steps(), 1..12)) {
        let all = run_on_threads(async {
            let tasks: Vec<_> =
                plans.into_iter().enumerate().map(|(index, steps)| tokio::spawn(one(index, steps))).collect();
            let mut all = Vec::new();
            for task in tasks {
                all.push(task.await.unwrap());
            }
            all
        });
        let mut ids = HashSet::new();
        for (seen, ended) in &all {
            compare(seen, ended);
            prop_assert!(ids.insert(ended.context.span_id));
            for (_, span_id) in seen.made.lock().unwrap().values() {
                prop_assert!(ids.insert(*span_id), "an id is in two exchanges");
            }
        }
    }
}
