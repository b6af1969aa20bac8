//! What it costs to record a number through a handle that is kept, beside metrics-exporter-prometheus.
//!
//! Alone, and while a second thread records to the same series without a pause.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use metrics::{Counter, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::PrometheusBuilder;
use tower_watch::registers::Registers;

const METADATA: Metadata<'_> = Metadata::new("bench", Level::INFO, None);

fn handles(recorder: &impl Recorder) -> (Counter, Histogram) {
    let labels = vec![Label::new("method", "GET"), Label::new("endpoint", "/users/{id}")];
    let counter = recorder.register_counter(&Key::from_parts("requests_total", labels.clone()), &METADATA);
    let histogram = recorder.register_histogram(&Key::from_parts("duration_seconds", labels), &METADATA);
    (counter, histogram)
}

/// Something that another thread does over and over, until it is dropped.
struct Beside {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Beside {
    fn new(work: impl Fn() + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                work();
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn record(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, recorder: &impl Recorder, drain: impl Fn()) {
    let (counter, histogram) = handles(recorder);
    let mut value = 0.001;
    let mut next = move || {
        value = if value > 4.0 { 0.001 } else { value * 1.5 };
        value
    };
    group.bench_function(format!("counter/{name}"), |bencher| {
        bencher.iter(|| counter.increment(black_box(1)));
    });
    group.bench_function(format!("histogram/{name}"), |bencher| {
        bencher.iter(|| histogram.record(black_box(next())));
    });
    // What is kept until somebody looks must not grow from one measurement to the next.
    drain();
    {
        let shared = counter.clone();
        let _beside = Beside::new(move || shared.increment(1));
        group.bench_function(format!("counter, two threads/{name}"), |bencher| {
            bencher.iter(|| counter.increment(black_box(1)));
        });
    }
    {
        let shared = histogram.clone();
        let _beside = Beside::new(move || shared.record(0.2));
        group.bench_function(format!("histogram, two threads/{name}"), |bencher| {
            bencher.iter(|| histogram.record(black_box(next())));
        });
    }
    drain();
}

fn recording(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("record");
    let registers = Registers::new();
    record(&mut group, "tower-watch", &registers, || {
        drop(registers.render(tower_watch::registers::Format::Text));
    });
    let builder = PrometheusBuilder::new();
    let builder = builder.set_buckets(&[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]);
    let peer = builder.expect("these are good buckets").build_recorder();
    let handle = peer.handle();
    record(&mut group, "metrics-exporter-prometheus", &peer, || drop(handle.render()));
    group.finish();
}

criterion_group!(benches, recording);
criterion_main!(benches);
