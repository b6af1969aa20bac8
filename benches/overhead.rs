//! What observing costs, without peers (`benches/peers` has those): `cargo bench --bench overhead`.
//!
//! Each figure is the whole request; subtract `bare`. Ratios hold from machine to machine, nanoseconds do not.
//!
//! | group | what it shows |
//! |---|---|
//! | `request` | each layer alone, `watch.layer()` and the preset, around one request |
//! | `routes` | the cost does not grow with the number of routes; all asked in turn, they take more cache |
//! | `threads` | two threads that record into the same series, against one |
//! | `stream` | a response body of 16 frames |
//! | `engine` | one request, on its processor's time, while the same watch evaluates a thousand rules and routes alerts without a pause |
//! | `render` | one scrape: registers of 1,000 and 10,000 series, as text |

#![allow(clippy::unwrap_used, reason = "what is shared with tests fails by panicking")]

#[path = "../tests/support/promql/mod.rs"]
mod promql_support;
#[path = "../tests/support/rules.rs"]
mod rules;
mod support;

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use http::Uri;
use metrics::{Key, Label, Level, Metadata, Recorder};
use tower_watch::Watch;
use tower_watch::alert::rules::RuleGroup;
use tower_watch::alert::{Alert, AlertSettings};
use tower_watch::layers::clock::Clock;
use tower_watch::registers::{Format, Registers};

use crate::support::{STACKS, Wrap, drive, is_sampled, request, service, settled, user};

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    for (name, wrap) in STACKS {
        let app = service(wrap);
        let mut numbers = 0..;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let number = numbers.next().expect("it never ends");
                drive(&app, request(one_user(), is_sampled(name, number)));
            });
        });
    }
}

fn routes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("routes");
    for (name, wrap) in compared() {
        for count in [1, 10, 100, 1_000] {
            let app = (0..count)
                .fold(Router::new(), |app, number| app.route(&format!("/{number}/users/{{id}}"), get(user)));
            let app = settled(wrap(app));
            let uris: Vec<Uri> =
                (0..count).map(|number| format!("/{number}/users/42").parse().expect("a path")).collect();
            for (asked, uris) in [("one asked", &uris[count / 2..=count / 2]), ("all asked", &uris[..])] {
                let mut turn = uris.iter().cycle();
                group.bench_function(BenchmarkId::new(format!("{name}, {asked}"), count), |bencher| {
                    bencher.iter(|| drive(&app, request(turn.next().expect("it never ends").clone(), false)));
                });
            }
        }
    }
}

fn threads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("threads");
    for (name, wrap) in compared() {
        let app = service(wrap);
        for count in [1, 2] {
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter_custom(|requests| at_once(count, || app.clone(), requests));
            });
        }
    }
}

/// How long `threads` threads take for `requests` requests each, all to one route.
fn at_once(threads: usize, app: impl Fn() -> Router, requests: u64) -> Duration {
    let start = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| {
                let (app, start) = (app(), &start);
                scope.spawn(move || {
                    start.wait();
                    (0..requests).for_each(|_| drive(&app, request(one_user(), false)));
                })
            })
            .collect();
        start.wait();
        let started = Instant::now();
        running.into_iter().for_each(|thread| thread.join().expect("no request fails"));
        started.elapsed()
    })
}

fn stream(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stream");
    for (name, wrap) in compared() {
        let app = service(wrap);
        group.bench_function(name, |bencher| {
            bencher.iter(|| drive(&app, request(Uri::from_static("/stream"), false)));
        });
    }
}

/// Through the layer of a watch whose engine is at rest, and of the same one while it has no rest.
fn engine(criterion: &mut Criterion) {
    let (clock, hand) = Clock::fake();
    let groups = RuleGroup::from_yaml(&rules::rules("100ms")).expect("the rules are right");
    let settings = groups.into_iter().fold(AlertSettings::new(), AlertSettings::rule);
    let builder = Watch::builder("busy").local().without_admin().clock(clock).alerts(settings);
    let watch = builder.start().expect("nothing is in its way");
    let now = watch.now().expect("there is a store");
    let all = rules::series(now - 40 * rules::STEP, now);
    promql_support::series::fill(watch.store().expect("there is a store"), &all);
    let app = settled(Router::new().route("/users/{id}", get(user)).layer(watch.layer()));
    let mut group = criterion.benchmark_group("engine");
    for (name, is_busy) in [("at rest", false), ("busy", true), ("at rest again", false)] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|requests| {
                let done = AtomicBool::new(!is_busy);
                thread::scope(|scope| {
                    scope.spawn(|| {
                        while !done.load(Ordering::Relaxed) {
                            // In all less than the samples reach, so that rules always have what to evaluate.
                            hand.advance(Duration::from_millis(100));
                            for number in 0..1_000 {
                                watch.alerts().raise(Alert::new("Busy").label("number", number.to_string()));
                            }
                            watch.alerts().tick();
                        }
                    });
                    let before = on_processor();
                    (0..requests).for_each(|_| drive(&app, request(one_user(), false)));
                    let took = on_processor() - before;
                    done.store(true, Ordering::Relaxed);
                    took
                })
            });
        });
    }
}

/// How long this thread has run, without the time that others kept it from running.
fn on_processor() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("this needs Linux");
    let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanos.expect("a number"))
}

fn render(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("render");
    for series in [1_000, 10_000] {
        let registers = registers(series);
        group.bench_function(BenchmarkId::from_parameter(series), |bencher| {
            bencher.iter(|| registers.render(Format::Text));
        });
    }
}

/// Much as RED leaves them: of eight series five are counters, and three histograms, each of which is 14 lines.
fn registers(series: usize) -> Registers {
    const METADATA: Metadata<'static> = Metadata::new("bench", Level::INFO, None);
    let registers = Registers::new();
    for number in 0..series {
        let labels = vec![
            Label::new("method", "GET"),
            Label::new("endpoint", format!("/{number}/users/{{id}}")),
            Label::new("status", "200"),
        ];
        if number % 8 < 5 {
            let key = Key::from_parts("http_requests_total", labels);
            registers.register_counter(&key, &METADATA).increment(number as u64);
        } else {
            let key = Key::from_parts("http_request_duration_seconds", labels);
            registers.register_histogram(&key, &METADATA).record(number as f64 / 1_000.0);
        }
    }
    registers
}

/// The bare router, and what is to be compared with it.
fn compared() -> impl Iterator<Item = (&'static str, Wrap)> {
    STACKS.into_iter().filter(|(name, _)| ["bare", "watch"].contains(name))
}

fn one_user() -> Uri {
    Uri::from_static("/users/42")
}

criterion_group!(benches, requests, routes, threads, stream, engine, render);
criterion_main!(benches);
