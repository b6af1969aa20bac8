//! What a query costs, and whether it costs more where there are more series that it does not ask for.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tower_watch::promql::{Evaluator, Query, TimeRange};

use crate::past::{BEGIN, END, QUERIES, past, store};

#[path = "support/past.rs"]
mod past;
#[path = "../tests/support/promql/mod.rs"]
mod promql_support;

/// Between two samples, as a scrape or an alert rule asks.
const NOW: i64 = END - 2_500;

fn queries(criterion: &mut Criterion) {
    let store = store(&past(8_660, 720));
    let evaluator = Evaluator::new(&store);
    let mut group = criterion.benchmark_group("query");
    for (name, text, over) in QUERIES {
        let query = Query::parse(text).unwrap();
        let range = TimeRange { start: BEGIN, end: NOW, step: 15_000 };
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let output =
                    if over { evaluator.range(&query, range) } else { evaluator.instant(&query, NOW) };
                black_box(output.unwrap())
            });
        });
    }
    for (name, text) in [("parse alone", QUERIES[0].1), ("parse with a regular expression", QUERIES[7].1)] {
        group.bench_function(name, |bencher| bencher.iter(|| Query::parse(black_box(text))));
    }
    group.finish();
}

fn growth(criterion: &mut Criterion) {
    let query = Query::parse(QUERIES[0].1).unwrap();
    let mut group = criterion.benchmark_group("quantile beside other series");
    for others in [100, 1_000, 10_000, 100_000] {
        let store = store(&past(others, 20));
        group.bench_function(BenchmarkId::from_parameter(others), |bencher| {
            bencher.iter(|| black_box(Evaluator::new(&store).instant(&query, NOW).unwrap()));
        });
    }
    group.finish();
}

criterion_group!(benches, queries, growth);
criterion_main!(benches);
