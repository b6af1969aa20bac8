//! What a log line costs: `cargo bench --bench logging`.
//!
//! | group | what it shows |
//! |---|---|
//! | `line` | one event of four fields inside a span of four, as JSON: `tracing_subscriber::fmt().json()` and ours, both into nothing; ours into the queue of a file; as text |
//! | `request` | a request through a watch: no subscriber, the span only, and with its access line as JSON |

mod support;

use std::hint::black_box;
use std::io;

use criterion::{Criterion, criterion_group, criterion_main};
use http::Uri;
use tower_watch::layers::spans::SpanLayer;
use tower_watch::telemetry::Identity;
use tower_watch::telemetry::logs::{JsonLayer, Sink, TextLayer};
use tracing::{info, info_span};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use crate::support::{drive, request, service};

fn event() {
    info!(
        order = black_box(4711_u64),
        amount = black_box(12.5),
        currency = black_box("EUR"),
        customer = black_box("ada@example.com"),
        "order placed"
    );
}

fn discarded() -> JsonLayer<fn() -> io::Sink> {
    JsonLayer::new(io::sink as fn() -> io::Sink).with_identity(Identity::new("orders"))
}

fn lines(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("line");
    let mut measure = |name: &str, layer: Box<dyn Layer<Registry> + Send + Sync>| {
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            let span = info_span!(
                "request",
                method = "POST",
                route = "/orders/{id}",
                status = 200,
                peer = "10.0.0.7"
            );
            span.in_scope(|| group.bench_function(name, |bencher| bencher.iter(event)));
        });
    };
    let marked = |layer: Box<dyn Layer<Registry> + Send + Sync>| {
        let both: Vec<Box<dyn Layer<Registry> + Send + Sync>> =
            vec![SpanLayer::new().with_filter(LevelFilter::INFO).boxed(), layer];
        both.boxed()
    };
    measure("nothing", marked(Box::new(tracing_subscriber::layer::Identity::new())));
    measure("tracing-subscriber json", tracing_subscriber::fmt::layer().json().with_writer(io::sink).boxed());
    measure("json", marked(discarded().boxed()));
    let writer = Sink::from(Sink::file("/dev/null")).open().expect("it is always there");
    let queued = JsonLayer::new(writer).with_identity(Identity::new("orders"));
    measure("json, queued", marked(queued.boxed()));
    measure("text", marked(TextLayer::new(io::sink as fn() -> io::Sink).boxed()));
    group.finish();
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    let user = || Uri::from_static("/users/42");
    for name in ["bare", "preset"] {
        let (_, wrap) = support::STACKS.into_iter().find(|(stack, _)| *stack == name).expect("a stack");
        let app = service(wrap);
        group.bench_function(format!("{name}, no subscriber"), |bencher| {
            bencher.iter(|| drive(&app, request(user(), false)));
        });
        if name == "bare" {
            continue;
        }
        let spans = || SpanLayer::new().with_filter(LevelFilter::INFO);
        let muted =
            tracing_subscriber::registry().with(spans()).with(discarded().with_filter(LevelFilter::OFF));
        tracing::subscriber::with_default(muted, || {
            group.bench_function(format!("{name}, no line"), |bencher| {
                bencher.iter(|| drive(&app, request(user(), false)));
            });
        });
        let subscriber =
            tracing_subscriber::registry().with(spans()).with(discarded().with_filter(LevelFilter::INFO));
        tracing::subscriber::with_default(subscriber, || {
            group.bench_function(format!("{name}, json line"), |bencher| {
                bencher.iter(|| drive(&app, request(user(), false)));
            });
        });
        let writer = Sink::from(Sink::file("/dev/null")).open().expect("it is always there");
        let queued = JsonLayer::new(writer).with_identity(Identity::new("orders"));
        let subscriber =
            tracing_subscriber::registry().with(spans()).with(queued.with_filter(LevelFilter::INFO));
        tracing::subscriber::with_default(subscriber, || {
            group.bench_function(format!("{name}, json line queued"), |bencher| {
                bencher.iter(|| drive(&app, request(user(), false)));
            });
        });
    }
}

criterion_group!(benches, lines, requests);
criterion_main!(benches);
