//! More than there is place for.

use std::sync::Arc;

use tower_watch_layers::observe::Settings;
use tower_watch_layers::recording::{Limits, Recording};
use tower_watch_layers::spans::SpanLayer;
use tracing::{Span, info, info_span};
use tracing_subscriber::prelude::*;

use crate::harness::{exchange, record_in, run_in, subscriber};

fn within(limits: Limits, handler: impl Fn()) -> Arc<Recording> {
    let layer = SpanLayer::new().with_limits(limits);
    record_in(tracing_subscriber::registry().with(layer), async |_| handler())
}

#[test]
fn spans_beyond_the_limit_are_counted_by_parent_and_name() {
    let recording = within(Limits::new().with_spans(3), || {
        info_span!("list").in_scope(|| {
            for _ in 0..1_000 {
                info_span!("row").in_scope(|| info_span!("cell").in_scope(|| ()));
            }
        });
    });
    let spans = recording.spans();
    let names: Vec<_> = spans.iter().map(|span| span.name).collect();
    assert_eq!(names, ["list", "row", "cell"]);
    assert_eq!(recording.dropped_spans(), 1_998);
    let by_name = recording.dropped_by_name();
    let list = spans[0].span_id;
    let dropped: Vec<_> =
        by_name.iter().map(|dropped| (dropped.parent, dropped.name, dropped.count)).collect();
    assert_eq!(dropped, [(list, "row", 999), (list, "cell", 999)]);
}

#[test]
fn an_event_in_a_dropped_span_is_with_the_closest_one_that_is_there() {
    let recording = within(Limits::new().with_spans(1), || {
        info_span!("kept").in_scope(|| info_span!("dropped").in_scope(|| info!("event")));
    });
    assert_eq!(recording.spans()[0].events.len(), 1);
}

#[test]
fn a_hundred_thousand_spans_stay_within_the_limits() {
    let limits = Limits::new();
    let recording = within(limits, || {
        for n in 0..100_000_u64 {
            info_span!("row", n, text = "some text that takes its place").in_scope(|| info!(n, "event"));
        }
    });
    assert_eq!(recording.spans().len() + recording.dropped_spans(), 100_000);
    assert!(recording.bytes() <= limits.bytes, "{} bytes", recording.bytes());
    assert!(recording.dropped_events() > 90_000);
}

#[test]
fn bytes_are_bounded_too() {
    let recording = within(Limits::new().with_bytes(4 * 1024), || {
        let span = info_span!("row", text = tracing::field::Empty);
        for _ in 0..100 {
            span.record("text", "x".repeat(500));
            span.in_scope(|| info!(text = "y".repeat(500), "event"));
        }
    });
    assert!(recording.bytes() <= 4 * 1024);
    assert!(recording.dropped_fields() > 0);
    assert!(recording.dropped_events() > 0);
    assert_eq!(recording.spans().len(), 1);
}

#[test]
fn deep_recursion_is_recorded_as_far_as_there_is_place() {
    fn down(depth: usize) {
        if depth > 0 {
            info_span!("level").in_scope(|| down(depth - 1));
        }
    }
    let recording = within(Limits::new(), || down(2_000));
    assert_eq!((recording.spans().len(), recording.dropped_spans()), (512, 1_488));
    let spans = recording.spans();
    assert!(spans.windows(2).all(|pair| pair[1].parent == pair[0].span_id));
}

#[test]
fn names_that_are_dropped_are_counted_up_to_a_bound() {
    let recording = within(Limits::new().with_spans(200), || {
        let parents: Vec<Span> = (0..200).map(|_| info_span!("parent")).collect();
        for parent in &parents {
            parent.in_scope(|| info_span!("child").in_scope(|| ()));
        }
    });
    assert_eq!((recording.dropped_spans(), recording.dropped_by_name().len()), (200, 64));
}

#[test]
fn ten_thousand_exchanges_at_once_stay_within_the_sum() {
    const EXCHANGES: usize = 10_000;
    const SPANS: usize = 50;
    // Far below what they would take, so that the bound is what is seen.
    let total = 16 * 1024 * 1024;
    let layer = SpanLayer::new().with_limits(Limits::new().with_total_bytes(total));
    let recordings = run_in(tracing_subscriber::registry().with(layer), async {
        let gate = Arc::new(tokio::sync::Barrier::new(EXCHANGES));
        let tasks: Vec<_> = (0..EXCHANGES)
            .map(|_| {
                let gate = Arc::clone(&gate);
                let work = async move {
                    exchange(Settings::new(), async |_| {
                        let spans: Vec<_> =
                            (0..SPANS).map(|n| info_span!("row", n, text = "some text")).collect();
                        gate.wait().await;
                        drop(spans);
                    })
                    .await
                };
                tokio::spawn(work)
            })
            .collect();
        let mut recordings = Vec::new();
        for task in tasks {
            recordings.extend(task.await.unwrap().recording);
        }
        recordings
    });
    let bytes: usize = recordings.iter().map(|recording| recording.bytes()).sum();
    assert!(bytes <= total, "{bytes} bytes");
    assert!(bytes > total / 4, "the bound was not reached: {bytes} bytes");
    let spans: usize =
        recordings.iter().map(|recording| recording.spans().len() + recording.dropped_spans()).sum();
    assert_eq!(spans, EXCHANGES * SPANS);
    drop(recordings);
    // What they took is given back.
    let recording = record_in(subscriber(), async |_| info_span!("row").in_scope(|| ()));
    assert_eq!(recording.spans().len(), 1);
}
