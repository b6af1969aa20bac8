//! What a tick costs, by the number of series, and what an hour of ticks leaves in memory.
#![allow(clippy::print_stdout, reason = "a report is there to be printed")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use metrics::{Counter, Histogram, Key, Label, Level, Metadata, Recorder};
use tower_watch::layers::clock::{Clock, FakeClock};
use tower_watch::registers::Registers;
use tower_watch::series::{Sampler, SamplerSettings, Store};

const METADATA: Metadata<'_> = Metadata::new("bench", Level::INFO, None);

/// Registers that make so many series, in the mix of a service: for each endpoint a histogram of 14 series and
/// counters for six statuses.
struct Service {
    registers: Registers,
    counters: Vec<Counter>,
    histograms: Vec<Histogram>,
}

impl Service {
    fn new(series: usize) -> Self {
        let registers = Registers::new();
        let mut service = Self { counters: Vec::new(), histograms: Vec::new(), registers };
        for endpoint in 0..series.div_ceil(20) {
            let labels = |status: usize| {
                vec![
                    Label::new("method", "GET"),
                    Label::new("endpoint", format!("/endpoints/{endpoint}/{{id}}")),
                    Label::new("status", (200 + status).to_string()),
                ]
            };
            for status in 0..6 {
                let key = Key::from_parts("http_requests_total", labels(status));
                service.counters.push(service.registers.register_counter(&key, &METADATA));
            }
            let key = Key::from_parts("http_request_duration_seconds", labels(0)[..2].to_vec());
            service.histograms.push(service.registers.register_histogram(&key, &METADATA));
        }
        service
    }

    /// Something for one in ten of all series.
    fn serve(&self, round: usize) {
        for (index, histogram) in self.histograms.iter().enumerate().skip(round % 10).step_by(10) {
            self.counters[index * 6].increment(7);
            for request in 0..7 {
                histogram.record(0.001 * (request * 37 + index) as f64);
            }
        }
    }
}

/// The ticks of an hour, after which all tiers of that hour are there.
const HOUR: usize = 720;

fn after_an_hour(series: usize) -> (Service, Sampler, FakeClock) {
    let service = Service::new(series);
    let (clock, hand) = Clock::fake();
    let settings =
        SamplerSettings::new().with_clock(clock).with_label("job", "shop").with_label("instance", "a");
    let mut sampler = Sampler::new(Arc::new(Store::new()), &service.registers, settings);
    for round in 0..HOUR {
        hand.advance(Duration::from_secs(5));
        service.serve(round);
        sampler.tick(&service.registers);
    }
    (service, sampler, hand)
}

fn tick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tick");
    for series in [100, 1_000, 10_000, 100_000] {
        let (service, mut sampler, hand) = after_an_hour(series);
        let mut round = HOUR;
        group.bench_function(BenchmarkId::from_parameter(series), |bencher| {
            bencher.iter_batched(
                || {
                    hand.advance(Duration::from_secs(5));
                    round += 1;
                    service.serve(round);
                },
                |()| black_box(sampler.tick(&service.registers)),
                criterion::BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// What the whole process keeps of 10,000 series after an hour. Run before all else, so that nothing else is in it.
fn memory(_: &mut Criterion) {
    let (_service, sampler, _) = after_an_hour(10_000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("VmRSS: unknown here");
    let size = sampler.store().size();
    let each = size.bytes as f64 / size.samples as f64;
    println!("memory: {resident}, {size:?}, {each:.2} bytes a sample");
}

criterion_group!(benches, memory, tick);
criterion_main!(benches);
