//! What is recorded: the tree, its times, its events, and when.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_watch_layers::observe::Settings;
use tower_watch_layers::recording::RecordedSpan;
use tracing::{Instrument, Level, error, info, info_span, warn};

use crate::harness::{
    Probe, exchange, fake_clock, observers, record, run_in, run_on_threads, subscriber, text, tree,
};

fn named<'a>(spans: &'a [RecordedSpan], name: &str) -> &'a RecordedSpan {
    spans.iter().find(|span| span.name == name).unwrap()
}

#[test]
fn a_tree_is_recorded_as_it_was_made() {
    let ended = run_in(
        subscriber(),
        exchange(Settings::new(), async |_| {
            async {
                info_span!("select").in_scope(|| ());
                async { tokio::task::yield_now().await }.instrument(info_span!("wait")).await;
            }
            .instrument(info_span!("load"))
            .await;
            info_span!("render").in_scope(|| info_span!("row").in_scope(|| ()));
        }),
    );
    let spans = ended.recording.unwrap().spans();
    let expected = ["load", "  select", "  wait", "render", "  row"];
    assert_eq!(tree(&spans, ended.context.span_id), expected);
    assert!(spans.iter().all(|span| span.end.is_some()));
    assert_eq!(spans[0].target, module_path!());
    assert_eq!(spans[0].level, Level::INFO);
}

#[test]
fn busy_is_what_was_entered_and_the_rest_is_idle() {
    let (settings, hand) = fake_clock();
    let ended = run_in(
        subscriber(),
        exchange(settings, async |_| {
            let span = info_span!("work");
            span.in_scope(|| hand.advance(Duration::from_millis(3)));
            hand.advance(Duration::from_millis(10));
            span.in_scope(|| {
                // Twice at once is once.
                span.in_scope(|| hand.advance(Duration::from_millis(4)));
                info_span!("below").in_scope(|| hand.advance(Duration::from_millis(1)));
            });
        }),
    );
    let spans = ended.recording.unwrap().spans();
    let work = named(&spans, "work");
    assert_eq!(work.busy, Duration::from_millis(8));
    assert_eq!(work.end.unwrap().since(work.start), Duration::from_millis(18));
    assert_eq!(named(&spans, "below").busy, Duration::from_millis(1));
}

#[test]
fn events_are_where_they_were_logged() {
    let recording = record(async |_| {
        info!("at the start");
        let span = info_span!("load");
        span.in_scope(|| {
            warn!(rows = 3, "few rows");
            error!("no answer");
        });
        info!(parent: &span, "from outside");
        info!(parent: None, "of nobody");
    });
    let own: Vec<_> = recording.events().into_iter().map(|event| event.message).collect();
    assert_eq!(own, ["at the start"]);
    assert!(!recording.has_error());
    let spans = recording.spans();
    let load = named(&spans, "load");
    let messages: Vec<_> = load.events.iter().map(|event| (event.level, &*event.message)).collect();
    let expected = [(Level::WARN, "few rows"), (Level::ERROR, "no answer"), (Level::INFO, "from outside")];
    assert_eq!(messages, expected);
    assert!(load.has_error);
    assert_eq!(load.events[0].fields.len(), 1);
}

#[test]
fn an_error_in_the_exchange_itself_is_seen() {
    assert!(record(async |_| error!("no answer")).has_error());
}

#[test]
fn an_exchange_without_spans_and_events_has_no_recording() {
    let ended = run_in(subscriber(), exchange(Settings::new(), async |_| ()));
    assert!(ended.recording.is_none());
}

#[test]
fn nothing_is_recorded_where_nobody_asked() {
    use tower::Layer as _;
    let probe = Probe { is_idle: true, ..Probe::default() };
    let service = tower::service_fn(async |_: http::Request<()>| {
        info_span!("child").in_scope(|| info!("event"));
        Ok::<_, std::convert::Infallible>(crate::harness::answer())
    });
    let layer = tower_watch_layers::observe::ObserveLayer::new(observers(&probe));
    run_in(subscriber(), crate::harness::send(layer.layer(service)));
    assert!(probe.ended.lock().unwrap()[0].recording.is_none());
}

#[test]
fn what_comes_after_the_end_is_not_recorded() {
    let kept = Arc::new(Mutex::new(None));
    run_in(subscriber(), async {
        let open = Arc::clone(&kept);
        let ended = exchange(Settings::new(), async move |_| {
            *open.lock().unwrap() = Some(info_span!("outlives", late = tracing::field::Empty));
        })
        .await;
        let recording = ended.recording.unwrap();
        let before = recording.bytes();
        let span = kept.lock().unwrap().take().unwrap();
        for _ in 0..1_000 {
            span.in_scope(|| info_span!("late").in_scope(|| info!("late")));
        }
        span.record("late", "late");
        drop(span);
        let spans = recording.spans();
        assert_eq!((spans.len(), spans[0].end, spans[0].busy), (1, None, Duration::ZERO));
        assert!(spans[0].fields.is_empty() && spans[0].events.is_empty());
        assert_eq!((recording.bytes(), recording.dropped_spans()), (before, 0));
    });
}

#[test]
fn a_late_event_makes_no_recording() {
    run_in(subscriber(), async {
        let context = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&context);
        let ended = exchange(Settings::new(), async move |context| {
            *kept.lock().unwrap() = Some((context, tracing::Span::current()));
        })
        .await;
        assert!(ended.recording.is_none());
        let (context, own) = context.lock().unwrap().take().unwrap();
        own.in_scope(|| info!("late"));
        assert!(crate::harness::slot_of(&context).recording().is_none());
    });
}

#[test]
fn a_span_that_is_closed_on_another_thread_is_closed() {
    let ended = run_on_threads(exchange(Settings::new(), async |_| {
        let span = info_span!("elsewhere");
        std::thread::spawn(move || span.in_scope(|| ())).join().unwrap();
        std::mem::forget(info_span!("never"));
    }));
    let spans = ended.recording.unwrap().spans();
    assert!(named(&spans, "elsewhere").end.is_some());
    assert!(named(&spans, "never").end.is_none());
}

#[test]
fn a_parent_ends_when_the_last_below_it_ends() {
    let (settings, hand) = fake_clock();
    let ended = run_in(
        subscriber(),
        exchange(settings, async |_| {
            let parent = info_span!("parent");
            let child = parent.in_scope(|| info_span!("child"));
            drop(parent);
            hand.advance(Duration::from_millis(1));
            drop(child);
            hand.advance(Duration::from_millis(1));
        }),
    );
    let spans = ended.recording.unwrap().spans();
    assert_eq!(spans[0].end, spans[1].end);
    assert_eq!(spans[0].end.unwrap().since(spans[0].start), Duration::from_millis(1));
}

#[test]
fn two_subscribers_record_into_the_same_exchange() {
    let ended = run_in(
        subscriber(),
        exchange(Settings::new(), async |_| {
            info_span!("a").in_scope(|| {
                tracing::subscriber::with_default(subscriber(), || {
                    info_span!("b").in_scope(|| info!("in b"));
                });
                info!("in a");
            });
        }),
    );
    let spans = ended.recording.unwrap().spans();
    assert_eq!(tree(&spans, ended.context.span_id), ["a", "  b"]);
    assert_eq!((spans[0].events.len(), spans[1].events.len()), (1, 1));
}

#[test]
fn fields_come_with_the_span_and_later() {
    let recording = record(async |_| {
        let span = info_span!("q", rows = 1_u64, name = "ada", found = tracing::field::Empty);
        span.record("found", true);
        span.record("name", "grace");
        span.record("rows", 2_u64);
    });
    use tower_watch_layers::recording::FieldValue::{Bool, U64};
    let expected = [("rows", U64(2)), ("name", text("grace")), ("found", Bool(true))];
    assert_eq!(recording.spans()[0].fields, expected);
}
